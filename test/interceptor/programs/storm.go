// storm WORKERS ROUNDS BLOCKED[,BLOCKED...] NAME: connects to what is blocked and to a server of its own, with everything going on
// that a Go program can have going on, and says how often it went as it should:
//
//	blocked=N ok=N wrong=N gcs=N signals=N outside=true|false
//
// `wrong` is followed by what the first wrong outcome was; `outside` is whether a sample of the profile was taken where no Go is.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

var blocked, ok, wrong, signals int64
var firstWrong atomic.Value

func fail(what string, err error) {
	atomic.AddInt64(&wrong, 1)
	firstWrong.CompareAndSwap(nil, fmt.Sprintf("%s: %v", what, err))
}

func refused(what, address string) {
	connection, err := net.DialTimeout("tcp", address, 120*time.Second)
	if err == nil {
		connection.Close()
		fail(what, errors.New("connected"))
	} else if errors.Is(err, syscall.ECONNREFUSED) {
		atomic.AddInt64(&blocked, 1)
	} else {
		fail(what, err)
	}
}

// As a program may that takes no notice of Go's scheduler: the collector waits for it.
func refusedRaw(address [4]byte) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		fail("socket", err)
		return
	}
	defer syscall.Close(fd)
	to := syscall.RawSockaddrInet4{Family: syscall.AF_INET, Port: 0x901f, Addr: address}
	_, _, errno := syscall.RawSyscall(syscall.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&to)), 16)
	if errno == syscall.ECONNREFUSED {
		atomic.AddInt64(&blocked, 1)
	} else {
		fail("raw connect", errno)
	}
}

func ping(address string, number int) {
	connection, err := net.DialTimeout("tcp", address, 120*time.Second)
	if err != nil {
		fail("allowed", err)
		return
	}
	defer connection.Close()
	asked := []byte(fmt.Sprintf("ping %9d\n", number))
	got := make([]byte, len(asked))
	if _, err = connection.Write(asked); err == nil {
		_, err = io.ReadFull(connection, got)
	}
	if err != nil || !bytes.Equal(asked, got) {
		fail(fmt.Sprintf("pong %q", got), err)
	} else {
		atomic.AddInt64(&ok, 1)
	}
}

func serve() string {
	listener, err := net.Listen("tcp", "10.99.0.20:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				continue
			}
			go func() {
				io.Copy(connection, connection)
				connection.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

//go:noinline
func grow(depth int) int {
	var frame [128]byte
	frame[depth%128] = byte(depth)
	if depth == 0 {
		return int(frame[0])
	}
	return grow(depth-1) + int(frame[depth%128])
}

var kept [64][]byte

// Until `done`: the collector, stacks that grow and shrink, garbage, signals.
func disturb(done <-chan struct{}) {
	loop := func(work func(i int)) {
		go func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
					work(i)
				}
			}
		}()
	}
	received := make(chan os.Signal, 1024)
	signal.Notify(received, syscall.SIGUSR1)
	go func() {
		for range received {
		}
	}()
	loop(func(int) { runtime.GC() })
	loop(func(i int) { go grow(i % 3000); runtime.Gosched() })
	loop(func(i int) { kept[i%64] = make([]byte, 1<<(i%16)); runtime.Gosched() })
	for _, number := range []syscall.Signal{syscall.SIGURG, syscall.SIGUSR1} {
		number := number
		loop(func(int) {
			threads, _ := os.ReadDir("/proc/self/task")
			for _, thread := range threads {
				id, _ := strconv.Atoi(thread.Name())
				for i := 0; i < 20; i++ {
					syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(os.Getpid()), uintptr(id), uintptr(number))
					atomic.AddInt64(&signals, 1)
				}
			}
			time.Sleep(50 * time.Microsecond)
		})
	}
}

func main() {
	workers, _ := strconv.Atoi(os.Args[1])
	rounds, _ := strconv.Atoi(os.Args[2])
	targets := strings.Split(os.Args[3], ",")
	name := os.Args[4]
	allowed := serve()
	var profile bytes.Buffer
	runtime.SetCPUProfileRate(1000)
	pprof.StartCPUProfile(&profile)
	done := make(chan struct{})
	disturb(done)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var group sync.WaitGroup
	for worker := 0; worker < workers; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for round := 0; round < rounds; round++ {
				target := targets[round%len(targets)]
				switch (worker + round) % 4 {
				case 0, 1:
					ping(allowed, worker*rounds+round)
				case 2:
					refused(target, target)
				case 3:
					var address [4]byte
					copy(address[:], net.ParseIP(strings.Split(targets[0], ":")[0]).To4())
					refusedRaw(address)
				}
				if round%16 == 5 {
					if _, err := net.DefaultResolver.LookupHost(context.Background(), name); err != nil {
						fail("look-up", err)
					}
					refused("by name", name+":8080")
				}
				if round%64 == 7 && worker%8 == 0 {
					if err := exec.Command("/bin/true").Run(); err != nil {
						fail("child", err)
					}
				}
			}
		}(worker)
	}
	group.Wait()
	close(done)
	pprof.StopCPUProfile()
	runtime.ReadMemStats(&after)
	unpacked, _ := gzip.NewReader(&profile)
	text, _ := io.ReadAll(unpacked)
	outside := bytes.Contains(text, []byte("_ExternalCode"))
	fmt.Printf("blocked=%d ok=%d wrong=%d gcs=%d signals=%d outside=%v\n", blocked, ok, wrong, after.NumGC-before.NumGC, signals, outside)
	if first := firstWrong.Load(); first != nil {
		fmt.Println(first)
	}
}
