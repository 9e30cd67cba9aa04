package api

import (
	"context"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Authenticator says who sends a request.
type Authenticator interface {
	// Authenticate is the request's actor. Errors: a *Problem of status 401 or 400; any other counts as 401.
	Authenticate(r *http.Request) (domain.Actor, error)
}

// DevAuthenticator believes what the headers say. It is for development on one machine: whoever can connect may be anybody.
//
//	X-Actor         an opaque id, never a name or an e-mail
//	X-Roles         comma separated
//	X-Partner       the partner whose people the actor belongs to, a uuid; empty: the vendor's
//	X-On-Behalf-Of  for whom a user acts, by a delegation that the ledger knows of; empty: for themselves
//
// An actor with the role service is a service, every other a user; nobody is a reactor. Only requests to this machine by its
// own name are taken: a foreign page whose name was made to point here (DNS rebinding) could set any header.
type DevAuthenticator struct{}

var (
	actorID       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:@|/+-]{0,199}$`)
	reservedActor = regexp.MustCompile(`^(reactor:|import:|channelledger$)`) // act inside the process only
)

// Authenticate reads the four headers.
func (DevAuthenticator) Authenticate(r *http.Request) (domain.Actor, error) {
	actor := domain.Actor{ID: r.Header.Get("X-Actor"), Kind: domain.User}
	switch {
	case !isLocal(r.Host):
		return domain.Actor{}, newProblem(http.StatusMisdirectedRequest, "not_local",
			"this server is for development on one machine: address it as localhost or 127.0.0.1")
	case actor.ID == "":
		return domain.Actor{}, unauthenticated("want the header X-Actor: the id of who sends the request")
	case !actorID.MatchString(actor.ID) || reservedActor.MatchString(actor.ID):
		return domain.Actor{}, badHeader("X-Actor", "want an opaque id of at most 200 letters, digits and ._:@|/+- that is none of the ledger's own")
	}
	var err error
	if actor.Roles, err = parseRoles(r.Header.Values("X-Roles")); err != nil {
		return domain.Actor{}, err
	}
	if actor.Is(domain.ServiceRole) {
		actor.Kind = domain.Service
	}
	if text := r.Header.Get("X-Partner"); text != "" {
		if actor.PartnerID, err = uuid.Parse(text); err != nil || actor.PartnerID == uuid.Nil {
			return domain.Actor{}, badHeader("X-Partner", "want the id of a partner, a uuid")
		}
	}
	actor.OnBehalfOf, err = onBehalfOf(r, actor)
	return actor, err
}

// onBehalfOf is for whom a user acts. A service over HTTP says nobody: who runs it, only its own process knows.
func onBehalfOf(r *http.Request, actor domain.Actor) (string, error) {
	id := r.Header.Get("X-On-Behalf-Of")
	switch {
	case id == "":
		return "", nil
	case actor.Kind != domain.User:
		return "", badHeader("X-On-Behalf-Of", "is for users: a service acts for nobody here")
	case id == actor.ID:
		return "", badHeader("X-On-Behalf-Of", "want somebody else than X-Actor")
	case !actorID.MatchString(id) || reservedActor.MatchString(id):
		return "", badHeader("X-On-Behalf-Of", "want an opaque id as of X-Actor")
	}
	return id, nil
}

// isLocal reports whether a Host header names this machine.
func isLocal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func parseRoles(headers []string) (roles []domain.Role, err error) {
	for text := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		role := domain.Role(strings.TrimSpace(text))
		switch {
		case role == "" || slices.Contains(roles, role):
		case !slices.Contains(domain.Roles(), role):
			return nil, badHeader("X-Roles", "unknown role %.50q: want some of %v", role, domain.Roles())
		default:
			roles = append(roles, role)
		}
	}
	return roles, nil
}

func unauthenticated(detail string) *Problem {
	return newProblem(http.StatusUnauthorized, "unauthenticated", "%s", detail).
		withHeader("WWW-Authenticate", `Development realm="channelledger"`)
}

func badHeader(name, format string, args ...any) *Problem {
	p := newProblem(http.StatusBadRequest, "invalid_header", name+": "+format, args...)
	return p.at("header."+name, format, args...)
}

// caller is who sends a request, once that is known; the access log reads it too.
type caller struct{ actor domain.Actor }

type callerKey struct{}

func actorOf(ctx context.Context) domain.Actor {
	if c, ok := ctx.Value(callerKey{}).(*caller); ok {
		return c.actor
	}
	return domain.Actor{}
}

// authenticate lets nobody pass whom the authenticator doesn't know. It is middleware of the routes below /v1.
func (s *Server) authenticate(ctx huma.Context, next func(huma.Context)) {
	actor, err := s.Authenticator.Authenticate(humaecho.Unwrap(ctx).Request())
	if c, ok := ctx.Context().Value(callerKey{}).(*caller); ok && err == nil {
		c.actor = actor
		next(ctx)
		return
	}
	if _, ours := err.(*Problem); !ours { //nolint:errorlint // only what the authenticator itself words is for clients
		err = unauthenticated("who sends the request is not known")
	}
	s.writeProblem(humaecho.Unwrap(ctx), s.problemOf(ctx.Context(), err, inQuery))
}

// mayRead refuses actors without a role. What a partner's people may see of what they may read is up to each route.
func mayRead(actor domain.Actor) error {
	if len(actor.Roles) > 0 {
		return nil
	}
	return domain.Forbid("role", "reading needs a role: one of %v", domain.Roles())
}

// mayReadAll refuses a partner's people what belongs to everyone: streams and events, accounts, policies.
func mayReadAll(actor domain.Actor) error {
	if err := mayRead(actor); err != nil {
		return err
	}
	if actor.OfPartner() {
		return domain.Forbid("vendor_only", "this is the vendor's: a partner's people see their own partner, deals and findings")
	}
	return nil
}

// scopeOf is the one partner whose things an actor sees; zero for the vendor's people, who see everybody's.
// Errors: the actor has no role, or is of a partner that isn't said.
func scopeOf(actor domain.Actor) (uuid.UUID, error) {
	if err := mayRead(actor); err != nil {
		return uuid.Nil, err
	}
	if actor.OfPartner() && actor.PartnerID == uuid.Nil {
		return uuid.Nil, domain.Forbid("own_partner", "a partner's people see their own partner's things, and this actor belongs to none")
	}
	return actor.PartnerID, nil
}
