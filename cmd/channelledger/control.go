package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
)

// A data folder has one owner. A command that finds it taken is carried out by the owner, over a socket in the folder: the
// command line goes there, what it prints comes back. Who may open the socket (mode 0600) may as well read the folder.

// maxSocketPath is what the kernel takes (sun_path of unix(7) holds 108 bytes).
const maxSocketPath = 100

// maxInvocation bounds a command line sent over the socket, in bytes.
const maxInvocation = 1 << 20

// controlSocket is where the owner of a data folder listens: in the folder, unless its path is too long for a socket.
func controlSocket(data string) string {
	path := filepath.Join(data, "control.sock")
	if len(path) <= maxSocketPath {
		return path
	}
	sum := sha256.Sum256([]byte(path))
	return filepath.Join(os.TempDir(), "channelledger-"+hex.EncodeToString(sum[:8])+".sock")
}

// frame is one piece of what a command prints, or its end.
type frame struct {
	Stdout []byte `json:"out,omitempty"`
	Stderr []byte `json:"err,omitempty"`
	Done   bool   `json:"done,omitempty"`
	Error  string `json:"error,omitempty"` // of a command that failed
	Exit   int    `json:"exit,omitempty"`
}

// forward has the owner of the data folder carry out a command line.
func forward(ctx context.Context, in invocation, data string) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := dialControl(ctx, data, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s is in use by another process, which doesn't answer on its control socket: %w", data, err)
	}
	defer func() { _ = answer.Body.Close() }()
	return replay(ctx, answer.Body, in)
}

func dialControl(ctx context.Context, data string, body io.Reader) (*http.Response, error) {
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", controlSocket(data))
		},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://channelledger/control/run", body)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("it answers %s", answer.Status), answer.Body.Close())
	}
	return answer, nil
}

// replay prints here what the command prints there, and ends as it ends.
func replay(ctx context.Context, answer io.Reader, in invocation) error {
	frames := json.NewDecoder(answer)
	for {
		var f frame
		if err := frames.Decode(&f); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("the process that holds the ledger went away: %w", err)
		}
		_, _ = in.stdout.Write(f.Stdout)
		_, _ = in.stderr.Write(f.Stderr)
		switch {
		case !f.Done:
		case f.Exit != 0:
			return exitError(f.Exit)
		case f.Error != "":
			return errors.New(f.Error)
		default:
			return nil
		}
	}
}

// listenControl takes the data folder's socket over. Whoever calls it holds the folder, so a socket that is there is dead.
func listenControl(ctx context.Context, data string) (net.Listener, error) {
	path := controlSocket(data)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// controlHandler carries out command lines of other processes on the open ledger, and answers as the API does.
func controlHandler(owner *app, api http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.HandleFunc("POST /control/run", func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		in, err := readInvocation(http.MaxBytesReader(w, r.Body, maxInvocation))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		frames := &frameWriter{encoder: json.NewEncoder(w), flush: control.Flush}
		in.stdout = writerFunc(func(p []byte) { frames.send(frame{Stdout: p}) })
		in.stderr = writerFunc(func(p []byte) { frames.send(frame{Stderr: p}) })
		frames.send(frame{})
		frames.send(ending(runHere(r.Context(), in, owner)))
	})
	return mux
}

// readInvocation reads to the end: only then does the server notice a caller who goes away, and cancel.
func readInvocation(body io.Reader) (in invocation, err error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return in, err
	}
	return in, json.Unmarshal(raw, &in)
}

// runHere runs another process's command line on the ledger that this process holds.
func runHere(ctx context.Context, in invocation, owner *app) error {
	parsed, cli, err := parse(in)
	if err != nil {
		return err
	}
	s, err := newSession(in, cli)
	if err != nil {
		return err
	}
	cmd := parsed.Selected().Target.Addr().Interface().(command)
	if _, ok := cmd.(*serveCommand); ok {
		return errors.New("this ledger is being served already")
	}
	if asked := s.place.remote; asked != nil && (owner.remote == nil || asked.URL != owner.remote.URL) {
		return fmt.Errorf("the ledger in %s is being served, with another event log than --store names", owner.place)
	}
	s.app = owner
	return cmd.Run(ctx, s)
}

func ending(err error) frame {
	if code, ok := errors.AsType[exitError](err); ok {
		return frame{Done: true, Exit: int(code)}
	}
	if err != nil {
		return frame{Done: true, Error: err.Error()}
	}
	return frame{Done: true}
}

// frameWriter sends frames whole: a command may print from several goroutines.
type frameWriter struct {
	mu      sync.Mutex
	encoder *json.Encoder
	flush   func() error
}

func (w *frameWriter) send(f frame) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.encoder.Encode(f) == nil {
		_ = w.flush() // whoever went away has cancelled the command as well
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }
