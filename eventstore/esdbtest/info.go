package esdbtest

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
)

// featuresService tells what the server can do.
type featuresService struct {
	serverfeatures.UnimplementedServerFeaturesServer
	server *Server
}

// GetSupportedMethods names the methods of Streams that are there. The first call of a client, it fails while the server isn't ready.
func (f featuresService) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	if f.server.faults.unready() {
		return nil, errUnavailable
	}
	const service = "event_store.client.streams.streams"
	list := &serverfeatures.SupportedMethods{EventStoreServerVersion: f.server.settings.version}
	for _, method := range []string{"read", "append", "delete", "tombstone"} {
		list.Methods = append(list.Methods, &serverfeatures.SupportedMethod{ServiceName: service, MethodName: method})
	}
	return list, nil
}

// gossipService tells of a cluster that is this node alone.
type gossipService struct {
	gossip.UnimplementedGossipServer
	server *Server
}

// Read lists the leader, which is here.
func (g gossipService) Read(context.Context, *shared.Empty) (*gossip.ClusterInfo, error) {
	if g.server.faults.unready() {
		return nil, errUnavailable
	}
	host, port := g.server.endpoint()
	return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{{
		InstanceId:   wireID(uuid.NewSHA1(uuid.NameSpaceURL, []byte(g.server.URL()))),
		TimeStamp:    time.Now().UnixNano() / 100,
		State:        gossip.MemberInfo_Leader,
		IsAlive:      true,
		HttpEndPoint: &gossip.EndPoint{Address: host, Port: port},
	}}}, nil
}

func (s *Server) endpoint() (host string, port uint32) {
	host, text, err := net.SplitHostPort(s.Address())
	number, portErr := strconv.ParseUint(text, 10, 16)
	if err != nil || portErr != nil {
		panic("esdbtest: a listener without host and port") // it is a TCP listener's own address
	}
	return host, uint32(number)
}
