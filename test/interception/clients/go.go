// go net TARGET LIMIT_MS [TARGET LIMIT_MS]...: connects to each, with a limit of its own unless that is 0, and prints a line
// of JSON about it.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

func dial(target string, limit time.Duration) error {
	connection, err := net.DialTimeout("tcp", target, limit)
	if err == nil {
		connection.Close()
	}
	return err
}

func main() {
	for i := 2; i < len(os.Args); i += 2 {
		target := os.Args[i]
		limit, err := strconv.Atoi(os.Args[i+1])
		if err != nil {
			panic(err)
		}
		started := time.Now()
		outcome := "connected"
		if err := dial(target, time.Duration(limit)*time.Millisecond); err != nil {
			// What came first names addresses and ports.
			parts := strings.Split(err.Error(), ": ")
			outcome = parts[len(parts)-1]
		}
		fmt.Printf("{\"target\":%q,\"outcome\":%q,\"ms\":%d}\n", target, outcome, time.Since(started).Milliseconds())
	}
}
