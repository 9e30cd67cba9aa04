package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/eventstore"
)

// The names of a partner's and a seller's steps. They differ from those of deals, so that no record's id can be taken for a
// partner's name.
const (
	applying  = "partner:apply"
	admitting = "partner:approve"
	signing   = "partner:sign"
	onboard   = "partner:onboard"
	joining   = "seller:add"
)

// recordPartners records everybody who is named, applied to onboarded, before any row: each partner and its sellers in turn,
// several partners at once.
func (i *importer) recordPartners() []queue {
	members := i.everybody()
	if i.first.IsZero() { // no row names a day, so there is none to record
		return nil
	}
	var all []queue
	for from, place := 0, 0; from < len(members); {
		name := members[from].partner
		end := from + slices.IndexFunc(append(members[from:], member{}), func(m member) bool { return m.partner != name })
		var q queue
		for _, do := range i.partnerTasks(members[from:end]) {
			q, place = append(q, task{place, do}), place+1
		}
		all, from = append(all, q), end
	}
	return all
}

// everybody is who the sellers' file and the rows name, each once, by partner.
func (i *importer) everybody() []member {
	all := i.export.members()
	for _, r := range i.rows {
		if r.rejected == nil {
			all = append(all, r.member)
		}
	}
	slices.SortFunc(all, member.compare)
	all = slices.Compact(all)
	for _, m := range all {
		i.names[i.partnerID(m.partner)], i.names[i.sellerID(m)] = m.partner, m.seller
	}
	return all
}

func (i *importer) partnerTasks(members []member) (tasks []func(context.Context) error) {
	name := members[0].partner
	if i.mapping.Partners.Named[name].ID == uuid.Nil {
		tasks = append(tasks, func(ctx context.Context) error { return i.recordPartner(ctx, name) })
	}
	for _, m := range members {
		tasks = append(tasks, func(ctx context.Context) error { return i.recordSeller(ctx, m) })
	}
	return tasks
}

// partnerStep is a command of a partner. Its content is that of the command without days: they depend on the file.
type partnerStep struct {
	name    string
	content []string
	command partner.Command
}

func (i *importer) recordPartner(ctx context.Context, name string) error {
	p := i.mapping.Partners
	apply := p.application(name)
	for _, s := range []partnerStep{
		{applying, contentOf(apply), apply},
		{admitting, nil, partner.Approve{Reason: history}},
		{signing, []string{p.Agreement}, partner.SignAgreement{Kind: p.Agreement, ValidFrom: i.first, ValidTo: p.ValidTo}},
		{onboard, nil, partner.Onboard{}},
	} {
		err := i.tellPartner(ctx, name, name, s)
		if _, other := errors.AsType[*eventstore.KeyReusedError](err); other {
			i.warn("partner %q was recorded with other details than the mapping gives it now: they are left as they were", name)
			continue
		}
		if refusal := domain.AsRejection(err); refusal != nil {
			i.bar(member{partner: name}, refusal)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func contentOf(a partner.Apply) []string {
	content := []string{a.LegalName, string(a.Kind), a.Country, a.Domain, strconv.Itoa(len(a.Territories))}
	return slices.Concat(content, a.Territories, a.Verticals)
}

// application is what the mapping knows of a partner.
func (p Partners) application(name string) partner.Apply {
	details := p.Named[name]
	apply := partner.Apply{
		LegalName: name, Kind: p.Kind, Country: p.Country, Domain: details.Domain,
		Territories: p.Territories, Verticals: p.Verticals,
	}
	if details.Kind != "" {
		apply.Kind = details.Kind
	}
	if details.Country != "" {
		apply.Country = details.Country
	}
	if details.Territories != nil {
		apply.Territories = details.Territories
	}
	if details.Verticals != nil {
		apply.Verticals = details.Verticals
	}
	return apply
}

func (i *importer) recordSeller(ctx context.Context, m member) error {
	add := partner.AddSeller{SellerID: i.sellerID(m), Name: domain.Personal(m.seller)}
	err := i.tellPartner(ctx, m.partner, m.partner+"/"+m.seller, partnerStep{joining, []string{m.seller}, add})
	if refusal := domain.AsRejection(err); refusal != nil {
		i.bar(m, refusal)
		return nil
	}
	return err
}

func (i *importer) tellPartner(ctx context.Context, name, key string, s partnerStep) error {
	return i.count(i.ledger.Partners.Do(ctx, i.partnerID(name), domain.Header{
		CommandID: i.mapping.commandID(key, s.name), RequestHash: hashOf(s.content),
		Actor: i.actor, EffectiveAt: i.start(i.first),
	}, s.command))
}

// bar keeps the rows of a partner, or of one of its sellers, from being recorded.
func (i *importer) bar(m member, why *domain.Rejection) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.barred[m] = why
}

// barrier is what keeps a row's partner or seller out, or nil.
func (i *importer) barrier(r *row) *fault {
	i.mu.Lock()
	defer i.mu.Unlock()
	if why := i.barred[member{partner: r.member.partner}]; why != nil {
		return &fault{i.mapping.column(Partner), Refused, fmt.Sprintf("partner %q: %s", r.member.partner, why.Error())}
	}
	if why := i.barred[r.member]; why != nil {
		return &fault{i.mapping.column(Seller), Refused, fmt.Sprintf("seller %q: %s", r.member.seller, why.Error())}
	}
	return nil
}
