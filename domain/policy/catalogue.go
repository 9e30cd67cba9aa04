package policy

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of a catalogue.
const (
	MaxProducts   = 5000
	MaxAliases    = 50 // of one product
	MaxNameLength = 200
)

// Catalogue names the products and the product line of each. Exclusivity is granted by account and product line, so the
// catalogue decides what competes with what. By default it is empty: then every product is a line of its own.
type Catalogue struct {
	Products []Product `json:"products"`
}

// Product is one thing that is sold.
type Product struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"` // other spellings of the name, as in other systems
	Line    string   `json:"line,omitempty"`    // the product line; empty: the product is its own
}

// DefaultCatalogue lists nothing.
func DefaultCatalogue() Catalogue { return Catalogue{Products: []Product{}} }

// Kind is catalogue.
func (Catalogue) Kind() Kind { return KindCatalogue }

// Product is the listed name behind a name or alias; an unlisted one comes back as it is, without outer white space.
func (c Catalogue) Product(name string) string {
	if p, ok := c.find(name); ok {
		return p.Name
	}
	return strings.TrimSpace(name)
}

// Line is the product line of a product, given by name or alias. An unlisted product is its own line.
// Lines are equal where their Keys are.
func (c Catalogue) Line(product string) string {
	p, ok := c.find(product)
	switch {
	case !ok:
		return strings.TrimSpace(product)
	case p.Line == "":
		return p.Name
	default:
		return p.Line
	}
}

// Lists reports whether the catalogue has the product, by name or alias.
func (c Catalogue) Lists(name string) bool {
	_, ok := c.find(name)
	return ok
}

func (c Catalogue) find(name string) (Product, bool) {
	key := Key(name)
	for _, p := range c.Products {
		if p.answersTo(key) {
			return p, true
		}
	}
	return Product{}, false
}

func (p Product) answersTo(key string) bool {
	if Key(p.Name) == key {
		return true
	}
	for _, alias := range p.Aliases {
		if Key(alias) == key {
			return true
		}
	}
	return false
}

// Key is what product and line names are compared by: neither case nor white space counts, so "GTXPro", "gtx pro" and
// "GTX  Pro" are one.
func Key(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// Validate refuses empty, overlong and ambiguous names: no two names or aliases of the catalogue may have one Key.
func (c Catalogue) Validate() error {
	if len(c.Products) > MaxProducts {
		return domain.Invalid("products", "at most %d products", MaxProducts)
	}
	taken := map[string]string{} // key → path of who has it
	for i, p := range c.Products {
		if err := p.validate(fmt.Sprintf("products[%d]", i), taken); err != nil {
			return err
		}
	}
	return nil
}

func (p Product) validate(path string, taken map[string]string) error {
	if err := claimName(path+".name", p.Name, taken); err != nil {
		return err
	}
	if len(p.Aliases) > MaxAliases {
		return domain.Invalid(path+".aliases", "at most %d aliases", MaxAliases)
	}
	for i, alias := range p.Aliases {
		if err := claimName(fmt.Sprintf("%s.aliases[%d]", path, i), alias, taken); err != nil {
			return err
		}
	}
	if p.Line == "" {
		return nil
	}
	return domain.AdmitText(path+".line", p.Line, MaxNameLength)
}

func claimName(path, name string, taken map[string]string) error {
	if err := domain.AdmitText(path, name, MaxNameLength); err != nil {
		return err
	}
	key := Key(name)
	if other, ok := taken[key]; ok {
		return domain.Invalid(path, "%q is ambiguous: %s already answers to it", name, other)
	}
	taken[key] = path
	return nil
}
