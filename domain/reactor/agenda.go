package reactor

import (
	"cmp"
	"container/heap"
	"time"
)

// agenda is what is planned, at most one order for each thing: planning again replaces, and nothing is handed out twice.
type agenda struct {
	planned map[string]*item
	byTime  itemHeap // may still hold what was replaced or dropped
}

type item struct {
	due   time.Time
	key   string
	order Order
}

func newAgenda() agenda { return agenda{planned: map[string]*item{}} }

func (a *agenda) plan(key string, due time.Time, order Order) {
	it := &item{due: due, key: key, order: order}
	a.planned[key] = it
	heap.Push(&a.byTime, it)
}

func (a *agenda) drop(key string) { delete(a.planned, key) }

// next is the earliest item that is still planned, or nil.
func (a *agenda) next() *item {
	for len(a.byTime) > 0 {
		if first := a.byTime[0]; a.planned[first.key] == first {
			return first
		}
		heap.Pop(&a.byTime)
	}
	return nil
}

// takeDue hands out what is due, oldest first, equal times by key.
func (a *agenda) takeDue(now time.Time) (orders []Order) {
	for first := a.next(); first != nil && !first.due.After(now); first = a.next() {
		orders = append(orders, first.order)
		a.drop(first.key)
	}
	return orders
}

type itemHeap []*item

func (h itemHeap) Len() int      { return len(h) }
func (h itemHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h itemHeap) Less(i, j int) bool {
	return cmp.Or(h[i].due.Compare(h[j].due), cmp.Compare(h[i].key, h[j].key)) < 0
}
func (h *itemHeap) Push(x any) { *h = append(*h, x.(*item)) }
func (h *itemHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return x
}
