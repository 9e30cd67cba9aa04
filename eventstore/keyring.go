package eventstore

import (
	"crypto/rand"
	"errors"
	"sync"

	"github.com/google/uuid"
)

// ErrNoKey says that a subject has no key: it never had one, or it was erased.
var ErrNoKey = errors.New("no key for this subject")

// Keyring keeps the key of each person whose data stands in the log. It lies beside the ledger and is backed up with it:
// without it personal fields read as erased.
type Keyring interface {
	// Key is a subject's key of 32 bytes. Errors: ErrNoKey.
	Key(subject uuid.UUID) ([]byte, error)
	// Ensure is the subject's key, made and durable before it returns where there was none.
	Ensure(subject uuid.UUID) ([]byte, error)
}

// MemoryKeyring keeps keys as long as the process lives: the keyring of a ledger in memory.
type MemoryKeyring struct {
	mu   sync.RWMutex
	keys map[uuid.UUID][]byte
}

// NewMemoryKeyring is an empty keyring.
func NewMemoryKeyring() *MemoryKeyring { return &MemoryKeyring{keys: map[uuid.UUID][]byte{}} }

// Key is a subject's key. Errors: ErrNoKey.
func (k *MemoryKeyring) Key(subject uuid.UUID) ([]byte, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if key, ok := k.keys[subject]; ok {
		return key, nil
	}
	return nil, ErrNoKey
}

// Ensure is the subject's key, made where there was none.
func (k *MemoryKeyring) Ensure(subject uuid.UUID) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.keys[subject]; ok {
		return key, nil
	}
	key := newKey()
	k.keys[subject] = key
	return key, nil
}

func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	return key
}
