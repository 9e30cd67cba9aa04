package period

type Period struct{}
