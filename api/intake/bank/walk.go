package bank

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// walker goes through an XML document element by element. It expands no entity but the five of XML, reads no DTD, and holds
// one token at a time.
type walker struct {
	xml    *xml.Decoder
	source *source
	limits Limits
	space  string // namespace of the message: elements of others are passed over
	path   []step // from below the message down to the element
}

// step is an element, and which of its name in a row it is, from 1.
type step struct {
	name string
	n    int
}

func newWalker(s *source) *walker {
	w := &walker{xml: xml.NewDecoder(s), source: s, limits: s.limits}
	w.xml.CharsetReader = func(label string, _ io.Reader) (io.Reader, error) { return s, s.recode(label) }
	return w
}

// at is where the walker is.
func (w *walker) at() Position {
	line, column := w.xml.InputPos()
	return Position{Line: line, Column: column, Path: w.where()}
}

func (w *walker) where() string {
	path := w.path
	if len(path) > 1 {
		path = path[1:] // BkToCstmrStmt, which says nothing
	}
	var b []byte
	for _, s := range path {
		if len(b) > 0 {
			b = append(b, '/')
		}
		b = append(b, s.name...)
		if s.n > 1 || s.name == "Stmt" || s.name == "Ntry" || s.name == "TxDtls" {
			b = strconv.AppendInt(append(b, '['), int64(s.n), 10)
			b = append(b, ']')
		}
	}
	return string(b)
}

func (w *walker) wrong(code, format string, args ...any) error {
	return wrong(code, w.at(), format, args...)
}

// token is the next one. Errors: *Error, io.EOF behind the document, those of the file and the context.
func (w *walker) token() (xml.Token, error) {
	w.source.begin()
	t, err := w.xml.Token()
	if err != nil {
		return nil, w.explain(err)
	}
	switch t.(type) {
	case xml.Directive:
		return nil, w.wrong(CodeDoctype, "a DTD is not read, and no entity but those of XML itself: want the message alone")
	case xml.StartElement:
		if len(w.path) >= w.limits.Depth {
			return nil, w.wrong(CodeTooLarge, "elements are nested more than %d deep", w.limits.Depth)
		}
	}
	return t, nil
}

// explain gives an error of the decoder its code and place.
func (w *walker) explain(err error) error {
	var known *Error
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &known):
		known.At = w.at()
		return known
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "invalid UTF-8"):
		return w.wrong(CodeEncoding, "bytes that are no UTF-8: the file is in another encoding than it says")
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF"):
		return w.wrong(CodeXML, "the file ends here, in the middle: it is cut off")
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "character entity"):
		return w.wrong(CodeDoctype, "%.100s: no entity but those of XML itself is read", syntax.Msg)
	case errors.As(err, &syntax):
		return w.wrong(CodeXML, "no well-formed XML: %.200s", syntax.Msg)
	case errors.Is(err, io.EOF) || errors.Is(err, w.source.ctx.Err()):
		return err
	case strings.HasPrefix(err.Error(), "xml: "): // a version or encoding that the decoder won't read
		return w.wrong(CodeXML, "%.200s", strings.TrimPrefix(err.Error(), "xml: "))
	}
	return err
}

// children gives the elements in the one that has begun, and takes its end. The function takes each of them whole, by
// children, text or skip. Elements of another namespace are passed over.
func (w *walker) children(each func(e xml.StartElement) error) error {
	last := step{}
	for {
		t, err := w.token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.EndElement:
			return nil
		case xml.CharData:
			if !blank(t) {
				return w.wrong(CodeXML, "text %.40q between elements", t)
			}
		case xml.StartElement:
			if t.Name.Local != last.name {
				last = step{name: t.Name.Local}
			}
			last.n++
			if err := w.enter(t, last, each); err != nil {
				return err
			}
		}
	}
}

func (w *walker) enter(e xml.StartElement, at step, each func(e xml.StartElement) error) error {
	w.path = append(w.path, at)
	var err error
	if e.Name.Space == w.space {
		err = each(e)
	} else {
		err = w.skip()
	}
	if err != nil {
		return err // the path stays: it is the error's
	}
	w.path = w.path[:len(w.path)-1]
	return nil
}

// only takes the one element of a name among the children, and passes over the others.
func (w *walker) only(name string, take func(e xml.StartElement) error) error {
	return w.children(func(e xml.StartElement) error {
		if e.Name.Local == name {
			return take(e)
		}
		return w.skip()
	})
}

// skip takes the element that has begun, with all that is in it.
func (w *walker) skip() error {
	for depth := 1; depth > 0; {
		t, err := w.token()
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.StartElement:
			if depth++; len(w.path)+depth > w.limits.Depth {
				return w.wrong(CodeTooLarge, "elements are nested more than %d deep", w.limits.Depth)
			}
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// text is what stands in an element without others in it, and takes its end.
func (w *walker) text() (string, error) {
	text := ""
	for {
		t, err := w.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.EndElement:
			return strings.TrimSpace(text), nil
		case xml.StartElement:
			return "", w.wrong(CodeXML, "want a text, not the element %.40s", t.Name.Local)
		case xml.CharData:
			if text += string(t); len(text) > maxText {
				return "", w.wrong(CodeText, "the text has more than %d bytes", maxText)
			}
		}
	}
}

// into takes a text that may be there once. Errors: CodeTwice where it was there before; those of text.
func (w *walker) into(field *string) error {
	text, err := w.text()
	if err != nil {
		return err
	}
	if *field != "" {
		return w.wrong(CodeTwice, "is there twice: %.40q and %.40q", *field, text)
	}
	*field = text
	return nil
}

// words appends a text to those before it, with a space between them.
func (w *walker) words(into *string) error {
	text, err := w.text()
	if err != nil {
		return err
	}
	if len(*into)+len(text) > maxTexts {
		return w.wrong(CodeText, "the texts together have more than %d bytes", maxTexts)
	}
	*into = oneSpaced(*into + " " + text)
	return nil
}
