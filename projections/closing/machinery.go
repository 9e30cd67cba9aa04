package closing

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/channelledger/channelledger/projections"
)

// haltedModels: a read model that stands before an event that it can't apply doesn't show what came behind it.
func haltedModels() Check {
	return Check{"halted_read_models", "Every read model follows the log", func(_ context.Context, books Books) (found []Finding, err error) {
		for _, m := range books.Models {
			if m.State == projections.Halted || m.State == projections.Failed {
				found = append(found, Finding{What: fmt.Sprintf("read model %s is in the state %s", m.Name, m.State)})
			}
		}
		return found, nil
	}}
}

// parkedReactors: what a reactor couldn't handle may be money that never moved.
func parkedReactors() Check {
	const title = "No reactor stopped or went on without an event"
	return Check{"parked_reactors", title, func(_ context.Context, books Books) (found []Finding, err error) {
		if books.Halted != "" {
			found = append(found, Finding{What: "the reactors stopped: " + books.Halted})
		}
		for _, name := range slices.Sorted(maps.Keys(books.Parked)) {
			if n := books.Parked[name]; n > 0 {
				found = append(found, Finding{What: fmt.Sprintf("reactor %s went on without %d events", name, n), Reactor: name})
			}
		}
		return found, nil
	}}
}
