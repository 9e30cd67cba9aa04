package intake

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// maxCompared bounds what is compared of a name, in characters: the work grows with the square.
const maxCompared = 100

// names is a list of known names that can say which of them somebody may have meant.
type names struct {
	known  []string // sorted, so that of two equally near ones always the same is named
	before map[string]string
}

func newNames(known []string) *names {
	return &names{known: slices.Sorted(slices.Values(known)), before: map[string]string{}}
}

// nearest is the known name that takes the fewest changes of a character to become, neither case nor outer white space
// counted; empty where nothing is known. A file's mistakes repeat, so answers are kept.
func (n *names) nearest(name string) string {
	if answer, ok := n.before[name]; ok {
		return answer
	}
	best, fewest := "", -1
	for _, known := range n.known {
		if changes := levenshtein.ComputeDistance(folded(name), folded(known)); fewest < 0 || changes < fewest {
			best, fewest = known, changes
		}
	}
	n.before[name] = best
	return best
}

// Nearest is the known name that takes the fewest changes of a character to become; empty where nothing is known.
func Nearest(known []string, name string) string { return newNames(known).nearest(name) }

func folded(name string) string {
	runes := []rune(strings.ToLower(strings.TrimSpace(name)))
	return string(runes[:min(len(runes), maxCompared)])
}
