package domain

import "bytes"

// MarshalJSON writes {"amount":"1250.00","currency":"EUR"} with exactly the currency's decimals; no amount is null.
func (m Money) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	const frame = len(`{"amount":"","currency":"EUR"}`)
	b := make([]byte, 0, frame+maxDecimalLen)
	b = append(b, `{"amount":"`...)
	b = m.appendDecimal(b)
	b = append(b, `","currency":"`...)
	b = append(b, m.currency...)
	return append(b, `"}`...), nil
}

// UnmarshalJSON reads what MarshalJSON writes, in either order, with or without spaces, with fewer decimals too. It
// refuses an amount that is a number, since most readers of JSON make a binary float of it.
// Errors: as of ParseMoney; a field is missing, unknown or there twice.
func (m *Money) UnmarshalJSON(data []byte) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		*m = Money{}
		return nil
	}
	amount, currency, err := scanMoney(data)
	if err != nil {
		return err
	}
	money, err := ParseMoney(string(amount), string(currency))
	if err == nil {
		*m = money
	}
	return err
}

func scanMoney(data []byte) (amount, currency []byte, err error) {
	s := jsonScanner{data}
	if !s.skip('{') {
		return nil, nil, wrongMoney(data)
	}
	for first := true; !s.skip('}'); first = false {
		if !first && !s.skip(',') {
			return nil, nil, wrongMoney(data)
		}
		name, named := s.text()
		if !named || !s.skip(':') {
			return nil, nil, wrongMoney(data)
		}
		value, ok := s.text()
		switch {
		case string(name) == "amount" && amount == nil:
			amount = value
		case string(name) == "currency" && currency == nil:
			currency = value
		default:
			return nil, nil, Invalid("", "money has a surplus field %s: want one amount and one currency", quote(string(name)))
		}
		if !ok {
			return nil, nil, Invalid("", "%s: want a text in quotes, without escapes, as in {\"amount\":\"1250.00\",\"currency\":\"EUR\"}", name)
		}
	}
	if amount == nil || currency == nil || !s.atEnd() {
		return nil, nil, wrongMoney(data)
	}
	return amount, currency, nil
}

func wrongMoney(data []byte) error {
	return Invalid("", "money %s: want {\"amount\":\"1250.00\",\"currency\":\"EUR\"}", quote(string(data)))
}

// jsonScanner reads the few tokens that money and rates are made of, without reflection.
type jsonScanner struct{ rest []byte }

// skip passes over white space and one token; false where another one stands there.
func (s *jsonScanner) skip(token byte) bool {
	s.rest = bytes.TrimLeft(s.rest, " \t\r\n")
	if len(s.rest) == 0 || s.rest[0] != token {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// text reads a string without escapes: no amount, currency or rate needs one.
func (s *jsonScanner) text() ([]byte, bool) {
	if !s.skip('"') {
		return nil, false
	}
	end := bytes.IndexByte(s.rest, '"')
	if end < 0 || bytes.IndexByte(s.rest[:end], '\\') >= 0 {
		return nil, false
	}
	text := s.rest[:end]
	s.rest = s.rest[end+1:]
	return text, true
}

func (s *jsonScanner) atEnd() bool { return len(bytes.TrimLeft(s.rest, " \t\r\n")) == 0 }
