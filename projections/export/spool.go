package export

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// spool is a temporary file that is written once, and then read as often as needed.
type spool struct {
	*bufio.Writer
	file *os.File
	size int64 // once it is ended
}

func newSpool() (*spool, error) {
	file, err := os.CreateTemp("", "channelledger-export-*")
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return &spool{Writer: bufio.NewWriterSize(file, 64<<10), file: file}, nil
}

// end makes what was written readable.
func (s *spool) end() (err error) {
	if err = s.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	s.size, err = s.file.Seek(0, io.SeekEnd)
	return err
}

func (s *spool) copyTo(w io.Writer) (int64, error) {
	return io.Copy(w, io.NewSectionReader(s.file, 0, s.size))
}

// sum is the hex SHA-256 of something and of the spool behind it.
func (s *spool) sum(top []byte) (string, error) {
	hash := sha256.New()
	hash.Write(top)
	if _, err := s.copyTo(hash); err != nil {
		return "", fmt.Errorf("export: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func (s *spool) discard() error {
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
