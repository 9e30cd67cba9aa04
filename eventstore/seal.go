package eventstore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// sealedPrefix tells sealed text from any other; the version names the construction below.
const sealedPrefix = "sealed.v1."

// sealedField is where a personal field and its subject's id stand in an event's struct.
type sealedField struct {
	name           string // in JSON
	field, subject int    // indexes of the struct's fields
}

// sealedFields finds what is personal in the event behind the pointer.
// Errors: a personal field without a subject, or one inside a nested value, which would be written in the clear.
func sealedFields(pointer any) ([]sealedField, error) {
	t := reflect.TypeOf(pointer).Elem()
	if t.Kind() != reflect.Struct {
		return nil, nil
	}
	var found []sealedField
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type != reflect.TypeFor[domain.Personal]() {
			if holdsPersonal(f.Type, map[reflect.Type]bool{}) {
				return nil, fmt.Errorf("field %s: personal text must stand at the top of an event", f.Name)
			}
			continue
		}
		subject, ok := fieldByJSON(t, f.Tag.Get("subject"))
		if !ok {
			return nil, fmt.Errorf("field %s: tag `subject` must name the field with the subject's id", f.Name)
		}
		found = append(found, sealedField{name: jsonName(f), field: i, subject: subject})
	}
	return found, nil
}

func holdsPersonal(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsPersonal(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsPersonal(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return t == reflect.TypeFor[domain.Personal]()
}

func fieldByJSON(t reflect.Type, name string) (int, bool) {
	for i := range t.NumField() {
		if f := t.Field(i); jsonName(f) == name && f.Type == reflect.TypeFor[uuid.UUID]() {
			return i, true
		}
	}
	return 0, false
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// seal returns the event with its personal fields sealed, each with its subject's key.
func seal(event domain.Event, fields []sealedField, id uuid.UUID, keys Keyring) (any, error) {
	if len(fields) == 0 {
		return event, nil
	}
	sealed := reflect.New(reflect.TypeOf(event)).Elem()
	sealed.Set(reflect.ValueOf(event))
	for _, f := range fields {
		text := sealed.Field(f.field).String()
		if text == "" {
			continue
		}
		key, err := keys.Ensure(sealed.Field(f.subject).Interface().(uuid.UUID))
		if err != nil {
			return nil, fmt.Errorf("key for %s: %w", f.name, err)
		}
		cipherText, err := sealText(key, id, f.name, text)
		if err != nil {
			return nil, fmt.Errorf("seal %s: %w", f.name, err)
		}
		sealed.Field(f.field).SetString(cipherText)
	}
	return sealed.Interface(), nil
}

// unseal puts plain text into the personal fields of the event behind the pointer, or Erased where the key is gone.
func unseal(pointer any, fields []sealedField, id uuid.UUID, keys Keyring) error {
	if len(fields) == 0 {
		return nil
	}
	value := reflect.ValueOf(pointer).Elem()
	for _, f := range fields {
		text := value.Field(f.field).String()
		if text == "" {
			continue
		}
		key, err := keys.Key(value.Field(f.subject).Interface().(uuid.UUID))
		plain := string(domain.Erased)
		switch {
		case err == nil:
			if plain, err = unsealText(key, id, f.name, text); err != nil {
				return fmt.Errorf("unseal %s: %w", f.name, err)
			}
		case !errors.Is(err, ErrNoKey):
			return fmt.Errorf("key for %s: %w", f.name, err)
		}
		value.Field(f.field).SetString(plain)
	}
	return nil
}

// sealText is AES-256-GCM under a nonce made from key, event id, field and text: a retry gives equal bytes, and no nonce
// serves two texts (the idea of RFC 8452's synthetic IV). Event id and field are authenticated, so that sealed text can't
// be moved elsewhere.
func sealText(key []byte, event uuid.UUID, field, text string) (string, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(event[:])
	mac.Write([]byte(field))
	mac.Write([]byte{0})
	mac.Write([]byte(text))
	nonce := mac.Sum(nil)[:gcm.NonceSize()]
	return sealedPrefix + base64.RawURLEncoding.EncodeToString(gcm.Seal(nonce, nonce, []byte(text), sealedPlace(event, field))), nil
}

func unsealText(key []byte, event uuid.UUID, field, text string) (string, error) {
	body, ok := strings.CutPrefix(text, sealedPrefix)
	if !ok {
		return "", fmt.Errorf("text is not sealed")
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return "", err
	}
	gcm, err := newGCM(key)
	if err != nil {
		return "", err
	}
	if len(raw) < gcm.NonceSize() {
		return "", fmt.Errorf("sealed text is cut short")
	}
	plain, err := gcm.Open(nil, raw[:gcm.NonceSize()], raw[gcm.NonceSize():], sealedPlace(event, field))
	return string(plain), err
}

func sealedPlace(event uuid.UUID, field string) []byte { return append(event[:], field...) }

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
