package esdb

import "time"

// Impatient is the same log over a connection of its own, which gives up after so long.
func Impatient(s *Store, timeout time.Duration) (*Store, error) {
	cfg := s.cfg
	cfg.Timeout = timeout
	twin, err := connect(cfg)
	if err == nil {
		twin.origin, twin.birth = s.origin, s.birth
	}
	return twin, err
}
