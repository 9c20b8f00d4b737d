package table

import (
	"context"
	"strings"
)

// The tables. Times are seconds since 1970, lengths seconds; -1: not known. Yes is 1, no is 0. A line's id is the number
// of its partition times 2^40 and its ordinal. A place says how far somebody has come who brings lines.
const tables = `
create table if not exists partitions (
	num {id}, name text not null unique, made text not null,
	lines bigint not null, malformed bigint not null, first bigint not null, last bigint not null, added bigint not null,
	rolled bigint not null, state_at bigint not null, state {bytes});
create table if not exists lines (
	id {id}, at bigint not null, call text not null, queue text not null, agent text not null, verb text not null,
	rest text not null, raw text);
create table if not exists stints (
	part bigint not null, queue text not null, agent text not null, call text not null, outbound bigint not null,
	state bigint not null, cause text not null, entered bigint not null, connected bigint not null, ended bigint not null,
	wait bigint not null, ring bigint not null, talk bigint not null, caller text not null, url text not null,
	position bigint not null, last bigint not null, key text not null, transfer text not null,
	attempts bigint not null, estimated bigint not null, odd bigint not null);
create table if not exists sessions (
	part bigint not null, agent text not null, started bigint not null, ended bigint not null, cause text not null,
	device text not null, odd bigint not null);
create table if not exists pauses (
	part bigint not null, agent text not null, queue text not null, reason text not null, started bigint not null,
	ended bigint not null, odd bigint not null);
create table if not exists notes (
	part bigint not null, call text not null, agent text not null, at bigint not null, kind bigint not null,
	code text not null, note text not null);
create table if not exists rolls (
	part bigint not null, level bigint not null, bucket bigint not null, roll {bytes} not null,
	primary key (part, level, bucket));
create table if not exists places (source text primary key, next bigint not null);`

const indexes = `
create index if not exists stints_ended on stints (part, ended);
create index if not exists stints_odd on stints (part, entered) where odd = 1;
create index if not exists sessions_ended on sessions (part, ended);
create index if not exists sessions_odd on sessions (part, started) where odd = 1;
create index if not exists pauses_ended on pauses (part, ended);
create index if not exists pauses_odd on pauses (part, started) where odd = 1;
create index if not exists notes_at on notes (part, at);`

// create makes the tables that are missing.
func (t *Tables) create(ctx context.Context) error { return t.run(ctx, tables) }

// Index makes the indexes that are missing. It comes when all lines that there were are in the tables: while very many are
// added to new ones, they would cost more than they are worth. Without them all is right, and reports take long.
func (t *Tables) Index(ctx context.Context) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	return t.run(ctx, indexes)
}

// run performs statements one after the other.
func (t *Tables) run(ctx context.Context, statements string) error {
	for s := range strings.SplitSeq(t.kind.types.Replace(statements), ";") {
		if strings.TrimSpace(s) == "" {
			continue
		}
		if _, err := t.write.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
