package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// damagedPrefix begins the name under which damaged files are kept.
const damagedPrefix = "damaged-"

// verifyCopy checks the files of one of several copies before the engine may touch them. What was acknowledged
// is not held against them: more than half of the copies gave the acknowledgement, and this one may lag
// behind. But a bad record is no lag: the engine would cut the file off there and vote, and serve others, as
// if it had never had what followed. Such a copy is moved aside and made anew from the others.
func (s *Store) verifyCopy(ctx context.Context, sec *Security) error {
	damage := verifyStreams(s.dir, func(int) uint64 { return 0 }, s.log)
	if damage == nil {
		damage = s.verifyLogs()
	}
	if !errors.Is(damage, ErrDamaged) {
		return damage
	}
	aside, err := s.makeWay()
	if err != nil {
		return errors.Join(damage, fmt.Errorf("store: %w", err))
	}
	s.damaged.Add(1)
	s.log.Error("this copy of the store is damaged; it is moved aside and made anew from the others",
		"err", damage, "aside", aside)
	return s.awaitOthers(ctx, sec)
}

// verifyLogs checks the logs of what the copies agree on.
func (s *Store) verifyLogs() error {
	groups, err := os.ReadDir(logsDir(s.dir))
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("store: %w", err)
	}
	for _, g := range groups {
		msgs := filepath.Join(logsDir(s.dir), g.Name(), "msgs")
		if err := verifyStream(msgs, logRecords(g.Name()), 0, s.log); err != nil {
			return err
		}
	}
	return nil
}

// makeWay moves the damaged copy aside if there is room beside it for another one.
func (s *Store) makeWay() (aside string, err error) {
	if err := removeAside(s.dir); err != nil {
		return "", err
	}
	free, err := freeSpace(s.dir)
	if err != nil {
		return "", err
	}
	if err := roomForAnother(s.dir, free); err != nil {
		return "", err
	}
	return moveAside(s.dir, time.Now())
}

// removeAside removes the files that were moved aside before: a disk has not room for many copies.
func removeAside(dir string) error {
	old, err := filepath.Glob(filepath.Join(dir, damagedPrefix+"*"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := os.RemoveAll(name); err != nil {
			return err
		}
	}
	return nil
}

// roomForAnother fails with ErrDiskFull when a copy of the size of the engine's files in dir does not fit into so many
// free bytes: made anew beside them it would fill the disk, and not be whole either.
func roomForAnother(dir string, free uint64) error {
	size := uint64(reviveRoom)
	err := filepath.WalkDir(filepath.Join(dir, "jetstream"), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += uint64(info.Size())
		}
		return err
	})
	if err == nil && free < size {
		err = fmt.Errorf("%w: %d MiB free at %s, %d MiB needed to make the copy anew beside the damaged one; make room, or "+
			"remove the damaged files in jetstream", ErrDiskFull, free>>20, dir, size>>20)
	}
	return err
}

// moveAside gives the engine's files another name.
func moveAside(dir string, now time.Time) (aside string, err error) {
	aside = filepath.Join(dir, damagedPrefix+strconv.FormatInt(now.Unix(), 10))
	if err := os.Rename(filepath.Join(dir, "jetstream"), aside); err != nil {
		return "", err
	}
	return aside, syncDir(dir)
}

// awaitOthers returns when the other members have agreed among themselves on every stream. A copy without
// anything must not take part in that: with its vote one that lags behind could win over one that does not.
func (s *Store) awaitOthers(ctx context.Context, sec *Security) error {
	c := s.conf
	c.Members = slices.DeleteFunc(slices.Clone(c.Members), func(a string) bool { return a == c.Listen })
	if len(c.Members) == 0 {
		s.log.Warn("store.members does not say where the other copies are; this one is made anew without "+
			"knowing that they are whole", "members", strings.Join(s.conf.Members, " "))
		return nil
	}
	return s.persist(ctx, func(ctx context.Context) error {
		e, err := dialEngine(c, sec, s.log)
		if err != nil {
			return err
		}
		defer e.close()
		for _, name := range streamNames() {
			asking, cancel := s.brief(ctx)
			_, err := e.state(asking, name) // only the one that leads a stream answers
			cancel()
			if err != nil {
				return fmt.Errorf("stream %s: %w", name, err)
			}
		}
		return nil
	})
}
