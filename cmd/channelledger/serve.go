package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/channelledger/channelledger/api"
	"github.com/channelledger/channelledger/api/demo"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
)

// asOfAnswers is how many answers as of a moment are kept; each is a file of the size of its read model.
const asOfAnswers = 16

type serveCommand struct {
	Listen   string `default:"127.0.0.1:8080" help:"Where to listen, on this machine only; 127.0.0.1:8080 by default." placeholder:"HOST:PORT"`
	Demo     bool   `help:"Tell the demo's story first, if the ledger is empty."`
	MaxFile  int64  `default:"20" help:"How large a document may be, in MiB, 1 to 1024; 20 by default." placeholder:"MIB"`
	DemoDate string `help:"The day that the story ends on; today by default." placeholder:"YYYY-MM-DD"`
}

// Help is the text below the flags.
func (serveCommand) Help() string {
	return `Examples:
  channelledger serve --demo
  channelledger serve --data /srv/ledger --listen 127.0.0.1:9000`
}

func (serveCommand) createsLedger() {}

// Run serves until it is interrupted.
func (c *serveCommand) Run(ctx context.Context, s *session) error {
	if err := checkLoopback(c.Listen); err != nil {
		return err
	}
	if c.MaxFile < 1 || c.MaxFile > 1024 {
		return fmt.Errorf("--max-file %d: want 1 to 1024 MiB", c.MaxFile)
	}
	if err := c.tellDemo(ctx, s); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return err
	}
	control, err := listenControl(ctx, s.dir)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	_, _ = fmt.Fprintf(s.stdout, "channelledger serves %s\nopen http://%s\n", s.app.place, listener.Addr())
	return s.serve(ctx, listener, control, api.Limits{FileBytes: c.MaxFile << 20})
}

// checkLoopback refuses addresses that other machines reach: nobody proves who they are yet.
func checkLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--listen %q: want HOST:PORT, as in 127.0.0.1:8080", address)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("--listen %s: other machines could reach that address, and callers don't prove who they are: "+
		"listen on 127.0.0.1, localhost or [::1]", address)
}

func (c *serveCommand) tellDemo(ctx context.Context, s *session) error {
	if !c.Demo {
		return nil
	}
	day := domain.DateOf(s.now(), time.UTC)
	if c.DemoDate != "" {
		var err error
		if day, err = domain.ParseDate(c.DemoDate); err != nil {
			return fmt.Errorf("--demo-date: %w", err)
		}
	}
	err := demo.Load(ctx, s.ledger, day)
	if older, ok := errors.AsType[*demo.OlderError](err); ok {
		_, err = fmt.Fprintf(s.stdout, "--demo: %s\n", older)
		return err
	}
	if err != nil {
		return fmt.Errorf("--demo: %w", err)
	}
	return nil
}

// serve runs everything that a served ledger is: the read models, the reactors, the API, and the commands of other
// processes. The first that fails ends the others.
func (s *session) serve(ctx context.Context, listener, control net.Listener, limits api.Limits) error {
	s.live.Store(true)
	answers := projections.NewAsOf(s.source(), s.views, s.runner.Latest, projections.Limits{}, asOfAnswers)
	defer answers.Close()
	server := api.New(api.Config{
		Ledger: s.ledger, Zone: s.zone, Projections: s.runner, AsOf: answers, Reactors: s.reactors,
		Authenticator: api.DevAuthenticator{}, Files: s.files, Limits: limits, Clock: s.now, Logger: s.logger, Version: version(),
	})
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return untilEnd(ctx, s.runner.Run(ctx)) })
	group.Go(func() error { s.runReactors(ctx); return nil })
	group.Go(func() error { return server.Serve(ctx, listener) })
	group.Go(func() error { return serveControl(ctx, controlHandler(s.app, server), control) })
	return group.Wait()
}

// runReactors leaves the API up when a reactor halts: what is recorded can still be read, and readiness says why.
func (s *session) runReactors(ctx context.Context) {
	if err := s.reactors.Run(ctx); err != nil {
		s.logger.ErrorContext(ctx, "reactors halted", "error", err)
	}
}

// untilEnd takes the end that was asked for as no error.
func untilEnd(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

func serveControl(ctx context.Context, handler http.Handler, listener net.Listener) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	return untilEnd(ctx, server.Serve(listener))
}
