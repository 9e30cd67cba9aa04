package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"slices"

	"golang.org/x/term"
)

// stepThrough shows a case on the terminal. It is told first, in whichever process holds the ledger; the keys are read here.
func stepThrough(ctx context.Context, in invocation, environ []string, keys *os.File) error {
	var told bytes.Buffer
	asked := in
	asked.Args, asked.Screen, asked.stdout = append(slices.Clone(in.Args), "--json"), screen{}, &told
	if err := asked.carryOut(ctx, environ, nil); err != nil {
		return err
	}
	p := &player{scroll: -1}
	if err := json.Unmarshal(told.Bytes(), &p.replayed); err != nil {
		return err
	}
	before, err := term.MakeRaw(int(keys.Fd()))
	if err != nil {
		return err
	}
	_, _ = io.WriteString(in.stdout, enterScreen)
	defer func() {
		_, _ = io.WriteString(in.stdout, leaveScreen)
		_ = term.Restore(int(keys.Fd()), before)
	}()
	return p.play(ctx, keys, in.stdout, func() screen { return screenOf(in.stdout, environ) })
}

// play draws and takes keys until q.
func (p *player) play(ctx context.Context, keys io.Reader, out io.Writer, size func() screen) error {
	typed := make([]byte, 64)
	for !p.quit && ctx.Err() == nil {
		if _, err := out.Write(drawn(p.lines(size()))); err != nil {
			return err
		}
		n, err := keys.Read(typed)
		if err != nil {
			return err
		}
		for _, key := range keysOf(string(typed[:n])) {
			p.press(key)
		}
	}
	return ctx.Err()
}

// sequence is a key that comes as several characters: CSI with its parameters, or SS3 (ECMA-48).
var sequence = regexp.MustCompile(`^\x1b(\[[0-?]*[@-~]|O[@-~])`)

// keysOf tells the keys apart that came in one read. Home and End have several names.
func keysOf(typed string) (keys []string) {
	for len(typed) > 0 {
		key := typed[:1]
		if whole := sequence.FindString(typed); whole != "" {
			key = whole
		}
		typed = typed[len(key):]
		switch key {
		case "\x1b[1~", "\x1b[7~", "\x1bOH":
			key = keyHome
		case "\x1b[4~", "\x1b[8~", "\x1bOF":
			key = keyEnd
		}
		keys = append(keys, key)
	}
	return keys
}
