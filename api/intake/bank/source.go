package bank

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// source hands a file on byte by byte, as UTF-8, and stops at the limits: whoever reads it can't be made to hold more than
// one token, however long a line of the file is.
type source struct {
	ctx     context.Context // of the one reading: the XML decoder hands none on
	from    io.Reader
	limits  Limits
	charset *charmap.Charmap // of the bytes; none for UTF-8
	buffer  []byte
	rest    []byte // of the buffer
	signs   []byte // of the last byte's UTF-8, still to hand out
	read    int64  // of the file
	token   int    // bytes that the token may still take
	started bool
}

func newSource(ctx context.Context, r io.Reader, limits Limits) *source {
	return &source{ctx: ctx, from: r, limits: limits, buffer: make([]byte, 32<<10), token: limits.Token}
}

// begin starts a token: it may take as many bytes as the limits say.
func (s *source) begin() { s.token = s.limits.Token }

// ReadByte is the next byte of the text.
// Errors: *Error where a limit is reached or a byte is none of the encoding; io.EOF; those of the file and the context.
func (s *source) ReadByte() (byte, error) {
	if len(s.signs) > 0 {
		b := s.signs[0]
		s.signs = s.signs[1:]
		return b, nil
	}
	if s.token--; s.token < 0 {
		return 0, wrong(CodeTooLarge, Position{}, "a tag, text or row has more than %d bytes", s.limits.Token)
	}
	if len(s.rest) == 0 {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	b := s.rest[0]
	s.rest = s.rest[1:]
	if s.charset == nil || b < utf8.RuneSelf {
		return b, nil
	}
	return s.decode(b)
}

// Read gives many bytes at once; of an encoding of its own they are recoded one by one. Errors: as of ReadByte.
func (s *source) Read(p []byte) (n int, err error) {
	if s.charset == nil && len(s.rest) > 0 && s.token > 0 {
		n = copy(p, s.rest[:min(len(s.rest), s.token)])
		s.rest, s.token = s.rest[n:], s.token-n
		return n, nil
	}
	for n < len(p) {
		if p[n], err = s.ReadByte(); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (s *source) decode(b byte) (byte, error) {
	sign := s.charset.DecodeByte(b)
	if sign == utf8.RuneError {
		return 0, wrong(CodeEncoding, Position{}, "byte 0x%02X is no sign of %s", b, s.charset)
	}
	s.signs = utf8.AppendRune(s.signs[:0], sign)
	first := s.signs[0]
	s.signs = s.signs[1:]
	return first, nil
}

// fill reads on.
func (s *source) fill() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	least := 1
	if !s.started {
		least = 3 // to see a byte order mark
	}
	n, err := io.ReadAtLeast(s.from, s.buffer, least)
	switch s.read += int64(n); {
	case s.read > s.limits.Bytes:
		return wrong(CodeTooLarge, Position{}, "the file has more than %d bytes", s.limits.Bytes)
	case n == 0:
		return err
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF): // which only says: fewer than three
		return err
	}
	s.rest = s.buffer[:n]
	if s.started {
		return nil
	}
	s.started = true
	return s.mark()
}

// mark passes over UTF-8's byte order mark, and knows UTF-16 with and without one.
func (s *source) mark() error {
	for _, start := range []string{"\xff\xfe", "\xfe\xff", "<\x00", "\x00<"} {
		if bytes.HasPrefix(s.rest, []byte(start)) {
			return wrong(CodeEncoding, Position{Line: 1}, "the file is UTF-16: want UTF-8, or ISO 8859 or Windows 125x that says so")
		}
	}
	if s.rest = bytes.TrimPrefix(s.rest, []byte("\xef\xbb\xbf")); len(s.rest) == 0 {
		return s.fill()
	}
	return nil
}

// recode makes the source read another encoding from the next byte on.
// Errors: *Error where it is none that is read.
func (s *source) recode(label string) error {
	charset, ok := findCharset(label)
	if !ok {
		return wrong(CodeEncoding, Position{}, "encoding %.40q: want UTF-8, ISO 8859 or Windows 125x", label)
	}
	s.charset = charset
	return nil
}

// findCharset knows UTF-8, and the ISO 8859 and Windows code pages however they are written; none for UTF-8 and ASCII, which
// is part of it.
func findCharset(label string) (*charmap.Charmap, bool) {
	name := plainName(label)
	switch name {
	case "", "utf8", "ascii", "usascii":
		return nil, true
	case "latin1":
		name = "iso88591"
	}
	if rest, ok := strings.CutPrefix(name, "cp125"); ok {
		name = "windows125" + rest
	}
	for _, known := range charmap.All {
		charset, ok := known.(*charmap.Charmap)
		if !ok {
			continue
		}
		if plain := plainName(charset.String()); plain == name && (strings.HasPrefix(plain, "iso8859") || strings.HasPrefix(plain, "windows")) {
			return charset, true
		}
	}
	return nil, false
}

// plainName is the name without case, spaces and signs.
func plainName(label string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, label)
}
