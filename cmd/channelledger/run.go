package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"github.com/channelledger/channelledger/eventstore/embedded"
)

// invocation is a command line and where it was typed. It may be carried out in another process: the one that holds the
// data folder.
type invocation struct {
	Args   []string          `json:"args"`
	Env    map[string]string `json:"env"`
	Dir    string            `json:"dir"`   // that relative paths start from
	User   string            `json:"user"`  // who runs it
	Width  int               `json:"width"` // of the terminal that stderr is; 0: it is none
	Screen screen            `json:"screen,omitzero"`

	stdout, stderr io.Writer
	clock          func() time.Time // nil: this machine's
}

// path makes a path of the command line usable in this process.
func (in invocation) path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(in.Dir, p)
}

// command is a subcommand; its fields are flags and arguments.
type command interface {
	Run(ctx context.Context, s *session) error
}

// standalone is a command that opens no ledger, or its own way.
type standalone interface{ needsNoLedger() }

// session is what a subcommand runs in.
type session struct {
	invocation
	*app
	place place      // that the command line names
	flags storeFlags // how to get into an event log
}

// run carries out one command line.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) error {
	in, err := typed(args, environ, stdout, stderr)
	if err != nil {
		return err
	}
	return in.carryOut(ctx, environ, stdin)
}

// carryOut runs the command line. environ is for what starts further ones.
func (in invocation) carryOut(ctx context.Context, environ []string, stdin io.Reader) error {
	parsed, cli, err := parse(in)
	if err != nil {
		return err
	}
	s, err := newSession(in, cli)
	if err != nil {
		return err
	}
	cmd := parsed.Selected().Target.Addr().Interface().(command)
	if _, ok := cmd.(standalone); ok {
		return cmd.Run(ctx, s)
	}
	if c, ok := cmd.(*replayCommand); ok && !c.JSON && s.Screen != (screen{}) {
		if keys, ok := stdin.(*os.File); ok && term.IsTerminal(int(keys.Fd())) {
			return stepThrough(ctx, s.invocation, environ, keys)
		}
	}
	if _, ok := cmd.(*topCommand); ok && s.Screen != (screen{}) {
		return fullScreen(ctx, stdin, in.stdout, func(ctx context.Context) error { return runOn(ctx, s, cmd) })
	}
	return runOn(ctx, s, cmd)
}

func newSession(in invocation, cli *grammar) (*session, error) {
	at, err := cli.place(in)
	at.clock = in.clock
	return &session{invocation: in, place: at, flags: cli.storeFlags}, err
}

// runOn opens the ledger and runs the command on it, or, where another process holds it, in that process.
func runOn(ctx context.Context, s *session, cmd command) error {
	_, creates := cmd.(interface{ createsLedger() })
	opened, err := openApp(ctx, s.place, creates, newLog(cmd, s.stderr))
	if errors.Is(err, embedded.ErrLocked) {
		if _, ok := cmd.(*serveCommand); !ok {
			return forward(ctx, s.invocation, s.place.dir)
		}
	}
	if err != nil {
		return err
	}
	s.app = opened
	return errors.Join(cmd.Run(ctx, s), opened.close())
}

// newLog is quiet but for errors where a command prints its own answer; a server tells what it does.
func newLog(cmd command, out io.Writer) *slog.Logger {
	level := slog.LevelError
	if _, ok := cmd.(*serveCommand); ok {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level}))
}

func typed(args, environ []string, stdout, stderr io.Writer) (invocation, error) {
	dir, err := os.Getwd()
	if err != nil {
		return invocation{}, err
	}
	in := invocation{
		Args: args, Env: environment(environ), Dir: dir, User: userName(), Width: terminalWidth(stderr),
		Screen: screenOf(stdout, environ), stdout: stdout, stderr: stderr,
	}
	return in, nil
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

func terminalWidth(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}
