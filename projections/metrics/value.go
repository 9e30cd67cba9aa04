package metrics

import (
	"maps"
	"math/big"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/numbers"
)

// Value is a number: what was counted, of how much. Every figure is a decimal string.
type Value struct {
	Currency    string   `json:"currency,omitempty"` // of amounts; empty where something else is counted
	Numerator   string   `json:"numerator"`
	Denominator string   `json:"denominator,omitempty"`
	Ratio       string   `json:"ratio,omitempty"` // exact where it ends within 18 decimals, else rounded to 6; none over nought
	Apart       []Figure `json:"apart,omitempty"` // never part of the two above
	Figures     []Figure `json:"figures,omitempty"`
}

// Figure is a further number.
type Figure struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"` // none where nothing was there to count
}

// split is entries by what they count in.
type split struct {
	in    []Entry
	out   []Entry // in the denominator alone
	apart map[string][]Entry
}

func splitOf(entries []Entry) split {
	s := split{apart: map[string][]Entry{}}
	for _, e := range entries {
		switch {
		case e.Apart != "":
			s.apart[e.Apart] = append(s.apart[e.Apart], e)
		case e.Numerator:
			s.in = append(s.in, e)
		default:
			s.out = append(s.out, e)
		}
	}
	return s
}

func (s split) both() []Entry { return slices.Concat(s.in, s.out) }

// countSum counts what is different: a partner with three deals once.
func countSum(m Metric, entries []Entry) ([]Value, error) {
	s := splitOf(entries)
	v := Value{Numerator: numbers.Decimal(count(s.in))}
	if m.Denominator != "" {
		v.Denominator, v.Ratio = numbers.Decimal(count(s.both())), numbers.Ratio(count(s.in), count(s.both()))
	}
	for _, n := range m.Apart {
		v.Apart = append(v.Apart, Figure{n.Name, numbers.Decimal(count(s.apart[n.Name]))})
	}
	return []Value{v}, nil
}

// moneySum adds up amounts, currency by currency, each thing's once, or each partner's part of it.
func moneySum(m Metric, entries []Entry) ([]Value, error) {
	return byCurrency(entries, func(currency string, s split) (v Value, err error) {
		in, err := sum(s.in, currency)
		if err != nil {
			return v, err
		}
		both, err := sum(s.both(), currency)
		if err != nil {
			return v, err
		}
		v = Value{Currency: currency, Numerator: in.Decimal(), Denominator: both.Decimal(), Ratio: numbers.Ratio(exact(in), exact(both))}
		for _, n := range m.Apart {
			amount, err := sum(s.apart[n.Name], currency)
			if err != nil {
				return v, err
			}
			v.Apart = append(v.Apart, Figure{n.Name, amount.Decimal()})
		}
		return v, nil
	})
}

// byCurrency makes a value of the entries of each currency.
func byCurrency(entries []Entry, value func(currency string, s split) (Value, error)) (values []Value, err error) {
	parts := map[string][]Entry{}
	for _, e := range entries {
		parts[e.Amount.Currency()] = append(parts[e.Amount.Currency()], e)
	}
	for _, currency := range slices.Sorted(maps.Keys(parts)) {
		v, err := value(currency, splitOf(parts[currency]))
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// once calls for the first entry of each key.
func once(entries []Entry, key func(Entry) countedOnce, each func(Entry)) {
	seen := map[countedOnce]bool{}
	for _, e := range entries {
		if k := key(e); !seen[k] {
			seen[k] = true
			each(e)
		}
	}
}

// countedOnce is what counts once, however many entries are of it.
type countedOnce struct{ subject, part uuid.UUID }

// bySubject counts things, whoever has a part of them; byPart is for amounts, which are shared.
func bySubject(e Entry) countedOnce { return countedOnce{subject: e.subject} }

func byPart(e Entry) countedOnce { return countedOnce{e.subject, e.part} }

func count(entries []Entry) *big.Rat {
	n := int64(0)
	once(entries, bySubject, func(Entry) { n++ })
	return numbers.Whole(n)
}

// sum adds up amounts of a currency. Errors: it gets out of range.
func sum(entries []Entry, currency string) (total domain.Money, err error) {
	if total, err = domain.NewMoney(0, currency); err != nil {
		return total, err
	}
	once(entries, byPart, func(e Entry) {
		if err == nil {
			total, err = total.Add(e.Amount)
		}
	})
	return total, err
}

// exact is an amount as a number of the currency's units.
func exact(m domain.Money) *big.Rat { return number(m.Decimal()) }

// number reads what numbers.Decimal or Money.Decimal wrote.
func number(decimal string) *big.Rat {
	r, ok := new(big.Rat).SetString(decimal)
	if !ok {
		panic("no number: " + decimal) // never: the code's own
	}
	return r
}
