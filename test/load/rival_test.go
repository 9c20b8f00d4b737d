package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// target in the environment is the port at which the rival's calls are answered.
const target = "TANDEM_LOAD_TARGET"

// rival is a back-to-back user agent as one writes it with sipgo's own dialogs and transactions: each INVITE is a call to
// the target, responses go back, and a BYE of either side ends both. It knows no accounts, asks nobody for credentials,
// carries no audio and writes nothing down.
type rival struct {
	to      sip.Uri
	callers *sipgo.DialogServerCache
	called  *sipgo.DialogClientCache
}

// rivalPatience is how long a call may be set up, and how long a BYE may take.
const rivalPatience = 32 * time.Second

// serveRival is the role.
func serveRival() error {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError})))
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(here(0)))
	if err != nil {
		return err
	}
	_ = conn.SetReadBuffer(4 << 20) // as much as the kernel grants, as our own listener asks for
	port := conn.LocalAddr().(*net.UDPAddr).Port
	agent, err := sipgo.NewUA(sipgo.WithUserAgent("rival"))
	if err != nil {
		return err
	}
	server, err := sipgo.NewServer(agent)
	if err != nil {
		return err
	}
	// From the server's own socket, so that one serves both sides.
	client, err := sipgo.NewClient(agent, sipgo.WithClientAddr(fmt.Sprint(loopback, ":", port)),
		sipgo.WithClientConnectionAddr(fmt.Sprint(loopback, ":", port)))
	if err != nil {
		return err
	}
	r := &rival{}
	if err := sip.ParseUri(fmt.Sprintf("sip:called@%v:%s", loopback, os.Getenv(target)), &r.to); err != nil {
		return err
	}
	contact := sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: "rival", Host: loopback.String(), Port: port}}
	r.callers, r.called = sipgo.NewDialogServerCache(client, contact), sipgo.NewDialogClientCache(client, contact)
	server.OnInvite(r.invite)
	server.OnAck(func(q *sip.Request, tx sip.ServerTransaction) { _ = r.callers.ReadAck(q, tx) })
	server.OnBye(r.bye)
	time.AfterFunc(settle, func() { sayReady(port) })
	return server.ServeUDP(conn)
}

// invite is one call, from its INVITE to its end.
func (r *rival) invite(request *sip.Request, tx sip.ServerTransaction) {
	caller, err := r.callers.ReadInvite(request, tx)
	if err != nil {
		return
	}
	defer func() { _ = caller.Close() }()
	_ = caller.Respond(sip.StatusTrying, "Trying", nil)
	ctx, cancel := context.WithTimeout(caller.Context(), rivalPatience)
	defer cancel()
	sdp := sip.NewHeader("Content-Type", "application/sdp")
	called, err := r.called.Invite(ctx, r.to, request.Body(), sdp)
	if err != nil {
		_ = caller.Respond(sip.StatusInternalServerError, "Server Internal Error", nil)
		return
	}
	defer func() { _ = called.Close() }()
	err = called.WaitAnswer(ctx, sipgo.AnswerOptions{OnResponse: func(response *sip.Response) error {
		if response.StatusCode > 100 && response.IsProvisional() {
			return caller.Respond(response.StatusCode, response.Reason, nil)
		}
		return nil
	}})
	if refused := (*sipgo.ErrDialogResponse)(nil); errors.As(err, &refused) {
		_ = caller.Respond(refused.Res.StatusCode, refused.Res.Reason, nil)
		return
	}
	if err != nil {
		_ = caller.Respond(sip.StatusTemporarilyUnavailable, "Temporarily Unavailable", nil)
		return
	}
	if err = called.Ack(ctx); err == nil {
		err = caller.Respond(sip.StatusOK, "OK", called.InviteResponse.Body(), sip.NewHeader("Content-Type", "application/sdp"))
	}
	if err == nil {
		select { // until one side hangs up
		case <-caller.Context().Done():
		case <-called.Context().Done():
		}
	}
	r.hangUp(caller, called)
}

// hangUp ends the side that has not hung up. A dialog that has ended refuses to.
func (r *rival) hangUp(caller *sipgo.DialogServerSession, called *sipgo.DialogClientSession) {
	ctx, cancel := context.WithTimeout(context.Background(), rivalPatience)
	defer cancel()
	if caller.LoadState() != sip.DialogStateEnded {
		_ = caller.Bye(ctx)
	}
	if called.LoadState() != sip.DialogStateEnded {
		_ = called.Bye(ctx)
	}
}

// bye ends one side of a call.
func (r *rival) bye(request *sip.Request, tx sip.ServerTransaction) {
	if r.callers.ReadBye(request, tx) == nil || r.called.ReadBye(request, tx) == nil {
		return
	}
	_ = tx.Respond(sip.NewResponseFromRequest(request, sip.StatusCallTransactionDoesNotExists, "Call/Transaction Does Not Exist", nil))
}
