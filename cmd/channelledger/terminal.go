package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// screen is the size of the terminal that stdout is, in characters; zero: it is none.
type screen struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// The terminal's control sequences (ECMA-48; the alternate screen is xterm's).
const (
	enterScreen = "\x1b[?1049h\x1b[?25l"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
	home        = "\x1b[H"
	restOfLine  = "\x1b[K"
	restBelow   = "\x1b[J"
)

// drawn puts lines on the screen over those before, without flicker.
func drawn(lines []string) []byte {
	return []byte(home + strings.Join(lines, restOfLine+"\r\n") + restOfLine + restBelow)
}

// errQuit says that somebody pressed q.
var errQuit = errors.New("quit")

// fullScreen takes a terminal over while work runs, which ends when q or Ctrl-C is pressed. Where it is none, work just runs.
func fullScreen(ctx context.Context, stdin io.Reader, stdout io.Writer, work func(context.Context) error) error {
	keys, ok := stdin.(*os.File)
	if !ok || !term.IsTerminal(int(keys.Fd())) {
		return work(ctx)
	}
	before, err := term.MakeRaw(int(keys.Fd()))
	if err != nil {
		return work(ctx)
	}
	_, _ = io.WriteString(stdout, enterScreen)
	defer func() {
		_, _ = io.WriteString(stdout, leaveScreen)
		_ = term.Restore(int(keys.Fd()), before)
	}()
	ctx, quit := context.WithCancelCause(ctx)
	defer quit(nil)
	go readKeys(keys, func() { quit(errQuit) })
	err = work(ctx)
	if errors.Is(context.Cause(ctx), errQuit) {
		return nil
	}
	return err
}

// readKeys waits for q or Ctrl-C, which is a key like any other on a raw terminal.
func readKeys(keys io.Reader, quit func()) {
	pressed := make([]byte, 64)
	for {
		n, err := keys.Read(pressed)
		if err != nil || strings.ContainsAny(string(pressed[:n]), "qQ\x03") {
			quit()
			return
		}
	}
}

// screenOf is the size of the terminal that a writer is.
func screenOf(w io.Writer, environ []string) screen {
	file, ok := w.(*os.File)
	if !ok {
		return screen{}
	}
	for _, entry := range environ {
		if entry == "TERM=dumb" {
			return screen{}
		}
	}
	width, height, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return screen{}
	}
	return screen{Width: width, Height: height}
}
