package eventstore

import (
	"context"
	"sync"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/channelledger/channelledger/domain"
)

// maxCells bounds how many streams' states a handler keeps folded.
const maxCells = 8192

// cell is one stream's folded state, and whose turn it is on that stream.
type cell[S any] struct {
	turn     chan struct{} // holds a token while nobody has the cell
	stream   string
	state    S
	revision Revision
	position Position
	commands map[uuid.UUID]knownCommand
	folding  bool // set while the state is being changed: a panic then leaves it unusable
}

// knownCommand is what a stream remembers of a command: its content's hash and where its events stand.
type knownCommand struct {
	hash        string
	first, last Revision
	position    Position
}

// advance notes an event that was folded.
func (c *cell[S]) advance(r Recorded, m domain.Metadata) {
	known, again := c.commands[m.CommandID]
	if !again {
		known = knownCommand{hash: m.RequestHash, first: r.Revision}
	}
	known.last, known.position = r.Revision, r.Position
	c.commands[m.CommandID] = known
	c.revision, c.position = r.Revision, r.Position
}

// repeat answers a command that came before as it was answered then.
func (k knownCommand) repeat(stream string, header domain.Header) (Outcome, error) {
	if k.hash != header.RequestHash {
		return Outcome{}, &KeyReusedError{Stream: stream, Command: header.CommandID, First: k.first}
	}
	return Outcome{
		Stream: stream, First: k.first, Revision: k.last, Position: k.position,
		Count: int(k.last-k.first) + 1, Repeated: true,
	}, nil
}

// cellCache hands out cells, one holder at a time. A cell that is dropped while somebody has it costs a second fold, never
// a wrong append: the store's expected revision decides.
type cellCache[S any] struct {
	mu      sync.Mutex
	cells   *lru.Cache[string, *cell[S]]
	initial func() S
}

func newCellCache[S any](initial func() S) *cellCache[S] {
	cells, err := lru.New[string, *cell[S]](maxCells)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &cellCache[S]{cells: cells, initial: initial}
}

// take waits for the stream's cell. Errors: that of ctx.
func (c *cellCache[S]) take(ctx context.Context, stream string) (*cell[S], error) {
	cell := c.find(stream)
	select {
	case <-cell.turn:
		return cell, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (c *cellCache[S]) find(stream string) *cell[S] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.cells.Get(stream); ok {
		return known
	}
	fresh := newCell(stream, c.initial())
	c.cells.Add(stream, fresh)
	return fresh
}

// newCell is a stream of which nothing is folded and that nobody has.
func newCell[S any](stream string, initial S) *cell[S] {
	fresh := &cell[S]{
		turn: make(chan struct{}, 1), stream: stream, state: initial,
		revision: NoStream, commands: map[uuid.UUID]knownCommand{},
	}
	fresh.turn <- struct{}{}
	return fresh
}

// release gives the cell to the next. One whose fold panicked is forgotten and never handed out again.
func (c *cellCache[S]) release(cell *cell[S]) {
	if cell.folding {
		c.forget(cell)
	}
	cell.turn <- struct{}{}
}

func (c *cellCache[S]) forget(broken *cell[S]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if current, ok := c.cells.Peek(broken.stream); ok && current == broken {
		c.cells.Remove(broken.stream)
	}
	broken.state, broken.revision = c.initial(), NoStream
	broken.position, broken.commands, broken.folding = Position{}, map[uuid.UUID]knownCommand{}, false
}
