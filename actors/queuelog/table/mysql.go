package table

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/go-sql-driver/mysql"
)

// ErrMySQL: an address of a MySQL server can not be read.
var ErrMySQL = errors.New("mysql://user:password@host:port/name is wanted, with ?tls=true where the server has a certificate, or " +
	"mysql://user@/name?socket=PATH")

// openMySQL opens a database of MySQL or MariaDB by its address. Names are quoted as everywhere else, and times of columns
// that have a zone come in UTC.
func openMySQL(address string) (*sql.DB, error) {
	c, err := mysqlConfig(address)
	if err != nil {
		return nil, err
	}
	at, err := mysql.NewConnector(c)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMySQL, err)
	}
	return sql.OpenDB(at), nil
}

// mysqlConfig reads an address. An error never has the password in it.
func mysqlConfig(address string) (*mysql.Config, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "mysql" || len(u.Path) < 2 {
		return nil, ErrMySQL
	}
	c := mysql.NewConfig()
	c.User, c.DBName, c.Net = u.User.Username(), u.Path[1:], "tcp"
	c.Passwd, _ = u.User.Password()
	c.ParseTime, c.Loc, c.Logger = true, time.UTC, &mysql.NopLogger{} // errors are returned; who gets them says them
	c.Params = map[string]string{"sql_mode": "'ANSI_QUOTES'", "time_zone": "'+00:00'"}
	c.Addr = net.JoinHostPort(u.Hostname(), "3306")
	if u.Port() != "" {
		c.Addr = u.Host
	}
	for name, values := range u.Query() {
		switch name {
		case "tls":
			c.TLSConfig = values[0]
		case "socket":
			c.Net, c.Addr = "unix", values[0]
		default:
			return nil, fmt.Errorf("%w; %s is not known", ErrMySQL, name)
		}
	}
	if c.Net == "tcp" && u.Hostname() == "" {
		return nil, ErrMySQL
	}
	return c, nil
}
