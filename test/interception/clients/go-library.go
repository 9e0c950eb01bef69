// As go.go, by what programs use of Go's library: http (net/http) or sql (database/sql, with a driver that only connects).
package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

type connector struct{ target string }

type connection struct{ net.Conn }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", c.target)
	if err != nil {
		return nil, err
	}
	return connection{conn}, nil
}

func (c connector) Driver() driver.Driver { return nil }

func (connection) Prepare(string) (driver.Stmt, error) { return nil, errors.New("it only connects") }
func (connection) Begin() (driver.Tx, error)           { return nil, errors.New("it only connects") }

func ping(target string, limit time.Duration) error {
	ctx, cancel := context.WithCancel(context.Background())
	if limit > 0 {
		ctx, cancel = context.WithTimeout(context.Background(), limit)
	}
	defer cancel()
	db := sql.OpenDB(connector{target})
	defer db.Close()
	return db.PingContext(ctx)
}

func get(target string, limit time.Duration) error {
	client := http.Client{Timeout: limit, Transport: &http.Transport{}}
	response, err := client.Get("http://" + target + "/")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func main() {
	way := map[string]func(string, time.Duration) error{"http": get, "sql": ping}[os.Args[1]]
	for i := 2; i < len(os.Args); i += 2 {
		target := os.Args[i]
		limit, err := strconv.Atoi(os.Args[i+1])
		if err != nil {
			panic(err)
		}
		started := time.Now()
		outcome := "connected"
		if err := way(target, time.Duration(limit)*time.Millisecond); err != nil {
			// What came first names addresses and ports.
			parts := strings.Split(err.Error(), ": ")
			outcome = parts[len(parts)-1]
			// Which of two clocks is first, the client's or the connection's, is said before.
			if _, limit, found := strings.Cut(outcome, "("); found {
				outcome = strings.TrimSuffix(limit, ")")
			}
		}
		fmt.Printf("{\"target\":%q,\"outcome\":%q,\"ms\":%d}\n", target, outcome, time.Since(started).Milliseconds())
	}
}
