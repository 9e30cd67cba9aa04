package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"

	"github.com/google/uuid"
	"github.com/gowebpki/jcs"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/commands"
)

// maxRecentKeys bounds how many keys are remembered after their commands are done, until the read model of keys has them.
const maxRecentKeys = 1 << 16

// keys is which Idempotency-Keys are in use: by requests in flight, and by those done lately. What stands in the target's
// stream decides exactly; this and the read model of keys find a key that was used on another stream.
type keys struct {
	mu       sync.Mutex
	inFlight map[uuid.UUID]*use
	recent   *lru.Cache[uuid.UUID, string] // hashes of requests
}

type use struct {
	hash  string
	users int
}

func newKeys() *keys {
	recent, err := lru.New[uuid.UUID, string](maxRecentKeys)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &keys{inFlight: map[uuid.UUID]*use{}, recent: recent}
}

// claim takes a key for a request. The same request may come twice at once: the target's stream puts them in order.
// release says whether the command was recorded.
// Errors: the key is in use by another request.
func (k *keys) claim(command uuid.UUID, hash string) (release func(recorded bool), err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if done, ok := k.recent.Get(command); ok && done != hash {
		return nil, keyReused("")
	}
	u := k.inFlight[command]
	switch {
	case u == nil:
		u = &use{hash: hash}
		k.inFlight[command] = u
	case u.hash != hash:
		return nil, keyReused("")
	}
	u.users++
	return func(recorded bool) { k.release(command, u, recorded) }, nil
}

func (k *keys) release(command uuid.UUID, u *use, recorded bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if recorded {
		k.recent.Add(command, u.hash)
	}
	if u.users--; u.users == 0 {
		delete(k.inFlight, command)
	}
}

func keyReused(stream string) *Problem {
	detail := "this Idempotency-Key was used with another request: take a new key for a new request"
	if stream != "" {
		detail += "; see " + stream
	}
	return newProblem(http.StatusUnprocessableEntity, "idempotency_key_reused", "%s", detail).
		at("header.Idempotency-Key", "was used with another request")
}

// keyedElsewhere refuses a key that another stream has, as far as the read model of keys tells as it stands.
func (s *Server) keyedElsewhere(ctx context.Context, command uuid.UUID, stream string) error {
	var used *commands.Command
	_, err := s.look(ctx, commands.Name, func(q projections.Querier) (err error) {
		used, err = commands.Get(ctx, q, command)
		return err
	})
	switch {
	case errors.Is(err, projections.ErrBuilding):
		return nil
	case err != nil:
		return err
	case used != nil && used.Stream != stream:
		return keyReused(used.Stream)
	}
	return nil
}

// requestHash is the hex SHA-256 over method, path and body as sent, as canonical JSON (RFC 8785): white space and the order
// of fields don't make another request.
func requestHash(method, path string, body []byte) (string, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	request := slices.Concat(
		[]byte(`{"method":`), quoted(method), []byte(`,"path":`), quoted(path), []byte(`,"body":`), body, []byte(`}`))
	canonical, err := jcs.Transform(request)
	if err != nil {
		return "", newProblem(http.StatusBadRequest, "malformed_json", "the body has no canonical form (RFC 8785): %v", err)
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}

func quoted(text string) []byte {
	raw, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`) // a string always marshals
	}
	return raw
}

// commandID is the id of the command that a caller sends under a key.
func commandID(actor domain.Actor, key string) uuid.UUID { return domain.CommandID(actor.ID, key) }
