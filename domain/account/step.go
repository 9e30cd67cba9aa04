package account

import "github.com/channelledger/channelledger/domain"

// Step is who did something, when it took effect, and when and where the ledger recorded it.
type Step = domain.Step

func stepOf(env domain.Envelope, reason string) Step { return domain.StepOf(env, reason) }
