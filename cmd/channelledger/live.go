package main

import "context"

// whileLive runs work while the read models follow the log. In a process that serves they do already.
func (a *app) whileLive(ctx context.Context, work func(context.Context) error) error {
	if !a.live.CompareAndSwap(false, true) {
		return work(ctx)
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = a.runner.Run(ctx) // tells nothing but that ctx ended: what goes wrong stands in its status
	}()
	err := work(ctx)
	stop()
	<-ended
	return err
}
