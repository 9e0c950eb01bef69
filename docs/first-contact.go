// The function in Go that first-contact.sh makes: says what became of a connection to HOST.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

func tried() string {
	connection, err := net.DialTimeout("tcp", os.Getenv("HOST"), 2*time.Second)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "ECONNREFUSED"
	}
	if err != nil {
		return strings.ReplaceAll(err.Error(), "\"", "'")
	}
	connection.Close()
	return "connected"
}

func main() {
	made := time.Now().UnixMilli()
	invocation := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(invocation + "next")
		if err != nil {
			os.Exit(1)
		}
		io.Copy(io.Discard, next.Body)
		next.Body.Close()
		said := fmt.Sprintf("\"%s environment=%d\"", tried(), made)
		id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
		sent, err := http.Post(invocation+id+"/response", "application/json", strings.NewReader(said))
		if err != nil {
			os.Exit(1)
		}
		sent.Body.Close()
	}
}
