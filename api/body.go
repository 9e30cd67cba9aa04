package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/strictjson"
)

// readBody reads a body up to its limit.
func (s *Server) readBody(body io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, s.Limits.BodyBytes+1))
	switch {
	case err != nil:
		return nil, newProblem(http.StatusBadRequest, "body_unreadable", "the body didn't come in whole")
	case int64(len(raw)) > s.Limits.BodyBytes:
		return nil, newProblem(http.StatusRequestEntityTooLarge, "too_large", "a body has at most %d bytes", s.Limits.BodyBytes)
	}
	return raw, nil
}

// decode makes the command out of body and path.
func (a *action[S, C, F, E]) decode(raw []byte, param func(string) string) (command C, effectiveAt time.Time, err error) {
	v := reflect.New(a.command).Elem()
	hidden := map[string]string{}
	for _, name := range a.params {
		hidden[name] = "is given by the path"
	}
	extra := map[string]reflect.Value{"effective_at": reflect.ValueOf(&effectiveAt).Elem()}
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = []byte("{}")
	}
	if err := strictjson.Decode(raw, v, strictjson.Exceptions{Extra: extra, Hidden: hidden}); err != nil {
		return command, effectiveAt, misread(raw, err)
	}
	fields := strictjson.Fields(v)
	for _, name := range a.params {
		if field, ok := fields[name]; ok {
			if err := setText(field, param(name)); err != nil {
				return command, effectiveAt, domain.Invalid(name, "want %s", strictjson.NameOf(field))
			}
		}
	}
	return v.Interface().(C), effectiveAt, nil // as register was given it
}

// misread is what is wrong with a body, whatever the path gives.
func misread(raw []byte, err error) error {
	r := domain.AsRejection(err)
	if r == nil {
		return err
	}
	if !json.Valid(raw) {
		return newProblem(http.StatusBadRequest, "malformed_json", "the body %s", r.Detail)
	}
	p := newProblem(http.StatusUnprocessableEntity, r.Rule, "%s", r.Error())
	return p.at(strings.TrimSuffix(inBody(r.Field), "."), "%s", r.Detail)
}

// setText sets a field from a parameter of the path.
func setText(field reflect.Value, text string) error {
	quoted, err := json.Marshal(text)
	if err == nil && field.Kind() == reflect.Int {
		quoted = []byte(text)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(quoted, field.Addr().Interface())
}
