package partner

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Training is a course that a seller finished.
type Training struct {
	Course      string    `json:"course"`
	CompletedAt time.Time `json:"completed_at"`
}

// Certification is a certificate that a seller earned once; a renewal is another with the same name.
type Certification struct {
	Name      string      `json:"certification"`
	EarnedAt  time.Time   `json:"earned_at"`
	ValidTo   domain.Date `json:"valid_to,omitzero"`   // last day; empty: for good
	Until     time.Time   `json:"until,omitzero"`      // the day after it as a moment, exclusive
	ExpiredAt time.Time   `json:"expired_at,omitzero"` // zero: no expiry recorded
}

// HeldAt reports whether the certificate is valid at t, whether or not its expiry is recorded.
func (c Certification) HeldAt(t time.Time) bool {
	return !c.EarnedAt.After(t) && !isReached(c.Until, t)
}

// CompleteTraining records that a seller of the partner's finished a course.
// Errors: course is no short name; the person isn't a seller of the partner at that moment (seller); the course is recorded
// on that day already (training_known).
type CompleteTraining struct {
	SellerID uuid.UUID `json:"seller_id"`
	Course   string    `json:"course"` // a short name: a-z, 0-9 and _, as in product_basics
}

func (CompleteTraining) admits() (string, []domain.Role) { return "complete a training", vendor }

func (c CompleteTraining) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	if err := checkName("course", c.Course); err != nil {
		return nil, err
	}
	s, err := p.sellerThen(h, c.SellerID)
	if err != nil {
		return nil, err
	}
	day := domain.DateOf(h.EffectiveAt, facts.zone())
	if slices.ContainsFunc(s.Trainings, func(t Training) bool {
		return t.Course == c.Course && domain.DateOf(t.CompletedAt, facts.zone()) == day
	}) {
		return nil, domain.Refuse("training_known", "course", "%s is recorded for the seller on %s already", c.Course, day)
	}
	if len(s.Trainings) >= maxTrainings {
		return nil, domain.Refuse("too_many", "", "at most %d trainings of one seller", maxTrainings)
	}
	return []Event{TrainingCompleted(c)}, nil
}

// EarnCertification records that a seller of the partner's earned a certificate, or renewed it. One that came in time but is
// recorded after the expiry closes the gap: the expiry stays in the log and counts no more.
// Errors: a field is wrong; the person isn't a seller of the partner at that moment (seller); the certificate is held then,
// at least as long (certification_held).
type EarnCertification struct {
	SellerID      uuid.UUID   `json:"seller_id"`
	Certification string      `json:"certification"`     // a short name: a-z, 0-9 and _, as in sales_expert
	ValidTo       domain.Date `json:"valid_to,omitzero"` // last day in the program's zone; empty: for good
}

func (EarnCertification) admits() (string, []domain.Role) { return "record a certification", vendor }

func (c EarnCertification) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	if err := checkName("certification", c.Certification); err != nil {
		return nil, err
	}
	until, err := c.until(h, facts.zone())
	if err != nil {
		return nil, err
	}
	s, err := p.sellerThen(h, c.SellerID)
	if err != nil {
		return nil, err
	}
	for _, held := range s.Certifications {
		if held.Name == c.Certification && held.HeldAt(h.EffectiveAt) && !endsBefore(held.Until, until) {
			return nil, domain.Refuse("certification_held", "valid_to", "%s is held from %s already, and at least as long",
				c.Certification, stamp(held.EarnedAt))
		}
	}
	if len(s.Certifications) >= maxCertifications {
		return nil, domain.Refuse("too_many", "", "at most %d certifications of one seller", maxCertifications)
	}
	return []Event{CertificationEarned{
		SellerID: c.SellerID, Certification: c.Certification, ValidTo: c.ValidTo, Until: until,
	}}, nil
}

func (c EarnCertification) until(h domain.Header, zone *time.Location) (time.Time, error) {
	if c.ValidTo.IsZero() {
		return time.Time{}, nil
	}
	if err := checkDay("valid_to", c.ValidTo); err != nil {
		return time.Time{}, err
	}
	until := endOf(c.ValidTo, zone)
	if !until.After(h.EffectiveAt) {
		return until, domain.Invalid("valid_to", "must not be before the day on which it takes effect")
	}
	return until, nil
}

// endsBefore compares two ends; a zero one never comes.
func endsBefore(a, b time.Time) bool { return !a.IsZero() && (b.IsZero() || a.Before(b)) }

// ExpireCertification records that a certificate's last day is over. The scheduler gives it, effective at the start of the
// day after; where nothing ends at that moment (renewed, recorded already) nothing is recorded.
// Errors: none but those of every command.
type ExpireCertification struct {
	SellerID      uuid.UUID `json:"seller_id"`
	Certification string    `json:"certification"`
}

func (ExpireCertification) admits() (string, []domain.Role) {
	return "expire a certification", []domain.Role{domain.ServiceRole}
}

func (c ExpireCertification) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	s := p.seller(c.SellerID)
	if s == nil || s.HoldsAt(c.Certification, h.EffectiveAt) {
		return nil, nil
	}
	if !slices.ContainsFunc(s.Certifications, func(held Certification) bool {
		return held.Name == c.Certification && held.Until.Equal(h.EffectiveAt) && held.ExpiredAt.IsZero()
	}) {
		return nil, nil
	}
	return []Event{CertificationExpired(c)}, nil
}

// HoldsAt reports whether the person holds the certificate at t.
func (s *Seller) HoldsAt(certification string, t time.Time) bool {
	return slices.ContainsFunc(s.Certifications, func(c Certification) bool { return c.Name == certification && c.HeldAt(t) })
}

// Held is a certificate that a person holds at a moment.
type Held struct {
	Certification string    `json:"certification"`
	Until         time.Time `json:"until,omitzero"` // exclusive; zero: for good
}

// HeldAt are the certificates that the person holds at t, each once, by name, with the last end known then.
func (s *Seller) HeldAt(t time.Time) (held []Held) {
	for _, c := range s.Certifications {
		if !c.HeldAt(t) {
			continue
		}
		i, known := slices.BinarySearchFunc(held, c.Name, func(h Held, name string) int { return strings.Compare(h.Certification, name) })
		if !known {
			held = slices.Insert(held, i, Held{c.Name, c.Until})
		} else if endsBefore(held[i].Until, c.Until) {
			held[i].Until = c.Until
		}
	}
	return held
}

// sellerThen is the person with the id, who must be a seller of the partner when the command takes effect.
func (p *Partner) sellerThen(h domain.Header, id uuid.UUID) (*Seller, error) {
	if !p.SellerAt(id, h.EffectiveAt) {
		return nil, domain.NotFound("seller", "seller_id", "%s is no seller of the partner at %s", id, stamp(h.EffectiveAt))
	}
	return p.seller(id), nil
}

// What a person learned stays with the person: also who left and comes back has it.

func (e TrainingCompleted) evolve(p *Partner, env domain.Envelope) {
	if s := p.seller(e.SellerID); s != nil {
		s.Trainings = append(s.Trainings, Training{Course: e.Course, CompletedAt: env.EffectiveAt})
	}
}

func (e CertificationEarned) evolve(p *Partner, env domain.Envelope) {
	if s := p.seller(e.SellerID); s != nil {
		s.Certifications = append(s.Certifications, Certification{
			Name: e.Certification, EarnedAt: env.EffectiveAt, ValidTo: e.ValidTo, Until: e.Until,
		})
	}
}

func (e CertificationExpired) evolve(p *Partner, env domain.Envelope) {
	s := p.seller(e.SellerID)
	if s == nil {
		return
	}
	for i, c := range s.Certifications {
		if c.Name == e.Certification && c.Until.Equal(env.EffectiveAt) {
			s.Certifications[i].ExpiredAt = env.EffectiveAt
		}
	}
}
