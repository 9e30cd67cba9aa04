package timeline

import (
	"fmt"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
)

// ruleOf is the policy that an event of the program is about, kind@version as decisions cite it.
func ruleOf(e domain.Event) (ref string, ok bool) {
	switch e := e.(type) {
	case program.PolicyPublished:
		return refOf(e.Kind, e.Version), true
	case program.PolicyRetired:
		return refOf(e.Kind, e.Version), true
	}
	return "", false
}

func refOf(kind policy.Kind, version int) string { return fmt.Sprintf("%s@%d", kind, version) }
