package sqlview

// BoundWAL sets the length in bytes from which a write-ahead log is folded back.
func (v *Views) BoundWAL(bytes int64) { v.maxWAL = bytes }
