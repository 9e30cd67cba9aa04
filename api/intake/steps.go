package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
)

// history is the reason that a service gives for approving what it submitted itself.
const history = "imported history"

// step is one command of a row: what it is called in the command's id, when it took effect (the zero time: now), and what it
// says, so that the same id with another content is noticed.
type step struct {
	name    string
	at      time.Time
	content []string
	command account.Command
}

// commandID is the id of a step: of the CRM, the record and the step, never of a file or a line.
func (m *Mapping) commandID(record, step string) uuid.UUID {
	return domain.CommandID("import:"+m.System, record+"/"+step)
}

// The names of steps. Those of corrections and later stages carry more, see again.
const (
	registering = "register"
	linking     = "link"
	approving   = "approve"
	overriding  = "override"
	winning     = "win"
	losing      = "lose"
	reopening   = "reopen"
	revising    = "revise"
	staging     = "stage:"
)

// again is the name of a step that a deal may take more than once: it tells the new value and what it came after apart.
func again(name string, content []string, after int64) string {
	return fmt.Sprintf("%s:%.16s@%d", name, hashOf(content), after)
}

// hashOf is the SHA-256 of a step's content, in hex.
func hashOf(content []string) string {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err) // never for texts
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func (i *importer) registration(r *row) step {
	register := account.RegisterDeal{
		Customer: r.customer, PartnerID: i.partnerID(r.member.partner), SellerID: i.sellerID(r.member),
		Lines: []account.LineAmount{{Product: r.product, Amount: r.expected}},
	}
	if r.account != r.identity { // the customer is kept as another account
		register.AccountID, register.Customer = r.account, account.Customer{}
	}
	return step{registering, i.start(r.registeredOn), []string{
		r.identity.String(), register.PartnerID.String(), register.SellerID.String(), r.product, r.expected.String(),
		r.registeredOn.String(),
	}, register}
}

func (i *importer) link(r *row) step {
	link := account.LinkCRM{DealID: r.deal, System: i.mapping.System, Reference: r.id}
	return step{linking, i.start(r.registeredOn), []string{link.System, link.Reference}, link}
}

func (i *importer) approval(r *row) step {
	approve := account.ApproveDeal{DealID: r.deal, Reason: history}
	return step{approving, i.start(r.registeredOn), []string{r.registeredOn.String()}, approve}
}

func (i *importer) override(r *row, findings []uuid.UUID) step {
	content := make([]string, len(findings))
	for n, id := range findings {
		content[n] = id.String()
	}
	command := account.OverrideConflicts{DealID: r.deal, FindingIDs: findings, Reason: history}
	return step{again(overriding, content, 0), i.start(r.registeredOn), content, command}
}

// firstStage is where the sale stood when the deal came; a later stage is dated by the row, or by the import.
func (i *importer) firstStage(r *row) step {
	return step{
		staging + string(r.stage), i.start(r.registeredOn), []string{string(r.stage)},
		account.AdvanceStage{DealID: r.deal, Stage: r.stage},
	}
}

func (i *importer) laterStage(r *row, said *account.Deal) step {
	next := i.firstStage(r)
	next.name, next.at = again(next.name, next.content, said.Revision), i.changed(r)
	return next
}

func (i *importer) revision(r *row, said *account.Deal) step {
	lines := []account.LineAmount{{Product: r.product, Amount: r.expected}}
	content := []string{r.expected.String()}
	return step{
		again(revising, content, said.Revision), i.changed(r), content,
		account.ReviseAmount{DealID: r.deal, Lines: lines, Reason: i.corrected()},
	}
}

// closing is the win or loss that the row names.
func (i *importer) closing(r *row) step {
	if r.status == Lost {
		return step{
			losing, i.start(r.closedOn), []string{r.closedOn.String(), r.lossReason},
			account.LoseDeal{DealID: r.deal, Reason: r.lossReason},
		}
	}
	return step{
		winning, i.start(r.closedOn), []string{r.closedOn.String(), r.amount.String(), r.reference},
		account.WinDeal{
			DealID: r.deal, OrderReference: r.reference,
			Lines: []account.LineAmount{{Product: r.product, Amount: r.amount}},
		},
	}
}

// reclosing is the win or loss of a deal that was closed otherwise before.
func (i *importer) reclosing(r *row, said *account.Deal) step {
	next := i.closing(r)
	next.name = again(next.name, next.content, said.Revision)
	return next
}

// reopen takes the outcome back that was imported before: it takes effect with it, since it never was.
func (i *importer) reopen(r *row, said *account.Deal) step {
	content := []string{string(r.status), r.closedOn.String(), r.amount.String(), r.reference, r.lossReason}
	return step{
		again(reopening, content, said.Closed.Revision), said.Closed.At, content,
		account.ReopenDeal{DealID: r.deal, Reason: i.corrected()},
	}
}

func (i *importer) corrected() string { return "corrected in " + i.mapping.System }

// start is when a day begins in the program's zone.
func (i *importer) start(day domain.Date) time.Time { return day.In(i.zone).UTC() }

// changed is when an open row changed, as far as the file knows: the zero time stands for now.
func (i *importer) changed(r *row) time.Time {
	if r.changedOn.IsZero() {
		return time.Time{}
	}
	return i.start(r.changedOn)
}

// The ids of partners and sellers derive from the commands that record them, unless the mapping knows them.

func (i *importer) partnerID(name string) uuid.UUID {
	if id := i.mapping.Partners.Named[name].ID; id != uuid.Nil {
		return id
	}
	return domain.EntityID(i.mapping.commandID(name, applying), "partner", "partner")
}

func (i *importer) sellerID(m member) uuid.UUID {
	stream := domain.StreamName("partner", i.partnerID(m.partner))
	return domain.EntityID(i.mapping.commandID(m.partner+"/"+m.seller, joining), stream, "seller")
}
