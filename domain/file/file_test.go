package file_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/file"
)

var (
	north  = domain.DeriveID("north")
	south  = domain.DeriveID("south")
	stored = file.Stored{SHA256: strings.Repeat("0a", 32), Size: 1250}
)

type (
	start = domaintest.Start[*file.State, file.Command, file.Facts, file.Event]
	given = domaintest.Given[*file.State, file.Command, file.Facts, file.Event]
)

func scenario(t *testing.T) start {
	t.Helper()
	return domaintest.For(t, file.Decider())
}

func TestFixtures(t *testing.T) {
	domaintest.Fixtures(t, "testdata/events", file.Types(), map[string]any{"file.stored.v1": stored})
}

// It is recorded once for the vendor and once for each partner, so that everybody finds what the own people handed in.
func TestStore(t *testing.T) {
	none, store, admin := file.Facts{}, file.Store(stored), domaintest.By(domaintest.Admin(north))
	once := scenario(t).When(none, store, domaintest.By(domaintest.Desk())).Then(stored)
	again := once.When(none, store, domaintest.By(domaintest.Ops())).Then()
	f := again.When(none, store, admin).Then(stored).When(none, store, admin).Then().State()
	assert.True(t, f.Exists())
	assert.Equal(t, int64(1250), f.Size)
	assert.True(t, f.HeldBy(north))
	assert.True(t, f.HeldBy(uuid.Nil))
	assert.False(t, f.HeldBy(south))
}

func TestStoreIsRefused(t *testing.T) {
	none, store := file.Facts{}, file.Store(stored)
	there := func() given { return scenario(t).Given(stored) }
	there().When(none, store, domaintest.By(domaintest.Auditor())).ThenRejected(domain.KindForbidden, "role", "")
	there().When(none, store, domaintest.By(domaintest.Seller(uuid.Nil))).ThenRejected(domain.KindForbidden, "own_partner", "")
	there().When(none, file.Store{SHA256: strings.Repeat("0b", 32), Size: 1}).ThenRejected(domain.KindInvalid, "invalid_field", "sha256")
	scenario(t).When(none, file.Store{SHA256: stored.SHA256}).ThenRejected(domain.KindInvalid, "invalid_field", "size")
	for _, hash := range []string{"", "0a", strings.Repeat("0A", 32), strings.Repeat("0a", 32) + "\n"} {
		scenario(t).When(none, file.Store{SHA256: hash, Size: 1}).ThenRejected(domain.KindInvalid, "invalid_field", "sha256")
	}
	many := make([]domain.Event, 10_000)
	for i := range many {
		many[i] = domaintest.Past(stored, domaintest.By(domaintest.Admin(domain.DeriveID("partner", string(rune(i))))))
	}
	scenario(t).Given(many...).When(none, store, domaintest.By(domaintest.Admin(north))).ThenRejected(domain.KindConflict, "too_many", "")
}
