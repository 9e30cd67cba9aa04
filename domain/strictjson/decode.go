// Package strictjson reads what people send: the JSON of a request or of a policy, where every surprise is a mistake.
package strictjson

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Exceptions are fields of the outermost object that are treated otherwise than the struct says.
type Exceptions struct {
	Extra  map[string]reflect.Value // may be there beside the struct's own, and go here
	Hidden map[string]string        // of the struct's, must not be there, and why
}

// Decode reads JSON into the struct v. encoding/json neither names the path of a field that is unknown or wrong, nor notices
// one that is missing, null or there twice, nor minds its capitals; in a ledger each is a mistake. A field may be missing
// where its tag says omitempty or omitzero.
// Errors: a Rejection of kind Invalid with the path of the first wrong field; the path is empty where the text is no JSON.
func Decode(raw []byte, v reflect.Value, exceptions Exceptions) error {
	var whole json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		return notJSON(err)
	}
	d := &decoder{Decoder: json.NewDecoder(bytes.NewReader(raw)), hidden: exceptions.Hidden}
	return d.object("", v, exceptions.Extra)
}

type decoder struct {
	*json.Decoder
	hidden map[string]string // field of the outermost object → why it must not be there
}

func (d *decoder) value(path string, v reflect.Value) error {
	switch {
	case readsItself(v):
		return d.leaf(path, v)
	case v.Kind() == reflect.Struct:
		return d.object(path, v, nil)
	case v.Kind() == reflect.Slice:
		return d.list(path, v)
	default:
		return d.leaf(path, v)
	}
}

func readsItself(v reflect.Value) bool {
	switch v.Addr().Interface().(type) {
	case json.Unmarshaler, encoding.TextUnmarshaler:
		return true
	}
	return false
}

func (d *decoder) leaf(path string, v reflect.Value) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return notJSON(err)
	}
	if string(raw) == "null" {
		return domain.Invalid(path, "must not be null: leave it out")
	}
	err := json.Unmarshal(raw, v.Addr().Interface())
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return domain.Invalid(path, "want %s, not %s", NameOf(v), wrong.Value)
	}
	if r := domain.AsRejection(err); r != nil {
		return domain.Invalid(path, "%s", r.Detail)
	}
	if err != nil {
		return domain.Invalid(path, "want %s", NameOf(v))
	}
	return nil
}

func (d *decoder) object(path string, v reflect.Value, extra map[string]reflect.Value) error {
	if err := d.open('{', path, "an object"); err != nil {
		return err
	}
	fields, seen := Fields(v), map[string]bool{}
	for name, field := range extra {
		fields[name] = field
	}
	for d.More() {
		name, err := d.name()
		if err != nil {
			return err
		}
		if err := d.field(within(path, name), name, path == "", fields, seen); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return notJSON(err)
	}
	return d.missing(v, path, seen)
}

func (d *decoder) field(path, name string, outermost bool, fields map[string]reflect.Value, seen map[string]bool) error {
	field, ok := fields[name]
	why, hidden := d.hidden[name]
	switch {
	case outermost && hidden:
		return domain.Invalid(path, "%s", why)
	case !ok:
		return domain.Invalid(path, "unknown field")
	case seen[name]:
		return domain.Invalid(path, "is there twice")
	}
	seen[name] = true
	return d.value(path, field)
}

func (d *decoder) list(path string, v reflect.Value) error {
	if err := d.open('[', path, "a list"); err != nil {
		return err
	}
	list := reflect.MakeSlice(v.Type(), 0, 0)
	for i := 0; d.More(); i++ {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(fmt.Sprintf("%s[%d]", path, i), element); err != nil {
			return err
		}
		list = reflect.Append(list, element)
	}
	v.Set(list)
	_, err := d.Token()
	return notJSON(err)
}

// open reads the token that an object or a list starts with.
func (d *decoder) open(want json.Delim, path, what string) error {
	token, err := d.Token()
	if err != nil {
		return notJSON(err)
	}
	if token != want {
		return domain.Invalid(path, "want %s", what)
	}
	return nil
}

func (d *decoder) name() (string, error) {
	token, err := d.Token()
	name, ok := token.(string)
	if err == nil && !ok {
		err = io.ErrUnexpectedEOF // can't be: the text is valid JSON, and the decoder stands inside an object
	}
	return name, notJSON(err)
}

// missing refuses an object without one of the fields that must be there, the first in the order of the type.
func (d *decoder) missing(v reflect.Value, path string, seen map[string]bool) error {
	for f := range v.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		_, hidden := d.hidden[name]
		if name != noField && !seen[name] && !strings.Contains(options, "omit") && (path != "" || !hidden) {
			return domain.Invalid(within(path, name), "is missing")
		}
	}
	return nil
}

// noField is the name of what a struct keeps to itself.
const noField = "-"

// Fields are a struct's fields by their names in JSON.
func Fields(v reflect.Value) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	for f, value := range v.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != noField {
			fields[name] = value
		}
	}
	return fields
}

func within(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// NameOf is what people call a value of that type.
func NameOf(v reflect.Value) string {
	switch v.Type() {
	case reflect.TypeFor[uuid.UUID]():
		return "a uuid"
	case reflect.TypeFor[time.Time]():
		return "a moment as in 2026-01-31T12:00:00Z (RFC 3339)"
	case reflect.TypeFor[domain.Date]():
		return "a day as in 2026-01-31"
	}
	switch v.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	default:
		return "another type"
	}
}

// notJSON passes nil through: behind the first look the text is known to be JSON.
func notJSON(err error) error {
	if err == nil {
		return nil
	}
	return domain.Invalid("", "is no JSON: %v", err)
}
