package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	raceRounds  = 100
	raceClients = 16
)

// TestExactlyOneIsProtected: partners submit and reviewers approve one account and line at once, in every interleaving that
// comes up. Exactly one registration is protected, it is the one submitted first, and every other's finding names it.
func TestExactlyOneIsProtected(t *testing.T) {
	rounds := raceRounds
	if testing.Short() {
		rounds = 10
	}
	w := newWorld(t)
	allies := make([]ally, raceClients/2)
	for i := range allies {
		allies[i] = w.partner(fmt.Sprintf("partner%d", i))
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) { race(t, w, allies, fmt.Sprintf("prize%d", round), uint64(round)) })
	}
}

// registration is a deal as the API shows it, as far as the race is about it.
type registration struct {
	ID       string
	Status   string
	Place    int64
	Approved struct {
		EventID string `json:"event_id"`
	}
	Findings []struct {
		Rule string
		With struct {
			DealID string `json:"deal_id"`
		}
	}
}

func race(t *testing.T, w *world, allies []ally, customer string, seed uint64) {
	t.Helper()
	submitted := make(chan string, len(allies))
	var group, submitters sync.WaitGroup
	for i, a := range allies {
		submitters.Add(1)
		group.Go(func() {
			defer submitters.Done()
			made := a.people().post("/v1/deals", a.registration(customer, "GTX", "100.00"), with("Idempotency-Key", fmt.Sprint(customer, i)))
			submitted <- made.is(201).header.Get("Location")
		})
	}
	var reviewed sync.Map // every reviewer tries what is there by now, in an order of their own
	group.Go(func() { submitters.Wait(); close(submitted) })
	var paths []string
	var mu sync.Mutex
	for i := range raceClients - len(allies) {
		group.Go(func() {
			draw := rand.New(rand.NewPCG(seed, uint64(i)))
			for path := range submitted {
				mu.Lock()
				paths = append(paths, path)
				known := slices.Clone(paths)
				mu.Unlock()
				draw.Shuffle(len(known), func(a, b int) { known[a], known[b] = known[b], known[a] })
				for _, p := range known {
					a := w.as(fmt.Sprint("desk-", i), "deal_desk").post(p+"/approve", object{})
					require.Contains(t, []int{200, 409}, a.status, "%s", a.body)
					reviewed.Store(p, true)
				}
			}
		})
	}
	group.Wait()
	for _, p := range paths { // whoever was refused while an earlier one waited: the first is tried once more
		w.desk().post(p+"/approve", object{})
	}
	checkRace(t, w, customer, paths)
}

func checkRace(t *testing.T, w *world, customer string, paths []string) {
	t.Helper()
	all := make([]registration, 0, len(paths))
	for _, p := range paths {
		var body struct{ Data registration }
		raw := w.desk().get(p + "?wait_for=" + w.end().String()).is(200).body
		require.NoError(t, json.Unmarshal(raw, &body))
		all = append(all, body.Data)
	}
	slices.SortFunc(all, func(a, b registration) int { return int(a.Place - b.Place) })
	require.Len(t, all, raceClients/2)
	first := all[0]
	require.Equal(t, "approved", first.Status, "%s: the one submitted first is protected", customer)
	for _, d := range all[1:] {
		require.Equal(t, "submitted", d.Status, "%s: and no other", customer)
		names := slices.ContainsFunc(d.Findings, func(f struct {
			Rule string
			With struct {
				DealID string `json:"deal_id"`
			}
		}) bool {
			return f.With.DealID == first.ID
		})
		require.True(t, names, "%s: a finding of every other names it: %s", customer, strings.Join(paths, " "))
	}
}
