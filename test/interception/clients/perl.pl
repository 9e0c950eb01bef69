# perl.pl inet|ip|http TARGET LIMIT_MS [TARGET LIMIT_MS]...: connects to each, with a limit of its own unless that is 0,
# and prints a line of JSON about it.
use strict;
use warnings;
use Errno ();
use HTTP::Tiny;
use IO::Socket::INET;
use IO::Socket::IP;
use Time::HiRes qw(time);

$| = 1;
my ($how, @pairs) = @ARGV;

sub by_errno {
    my ($socket) = @_;
    return "connected" if $socket;
    my ($name) = grep { $!{$_} } sort keys %!;
    return $name // "errno " . ($! + 0);
}

my %ways = (
    inet => sub {
        my ($host, $port, undef, $limit) = @_;
        return by_errno(IO::Socket::INET->new(PeerHost => $host, PeerPort => $port, Timeout => $limit));
    },
    ip => sub {
        my ($host, $port, undef, $limit) = @_;
        return by_errno(IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Timeout => $limit));
    },
    http => sub {
        my (undef, undef, $target, $limit) = @_;
        my $answer = HTTP::Tiny->new(defined $limit ? (timeout => $limit) : ())->get("http://$target/");
        return "connected" if $answer->{success};
        my ($why) = $answer->{content} =~ /: ([^:]+?)\s*(?: at \S+ line \d+\.)?$/;
        return "$answer->{status} $why";
    },
);

while (my ($target, $limit_ms) = splice @pairs, 0, 2) {
    my $limit = $limit_ms > 0 ? $limit_ms / 1000 : undef;
    my ($host, $port) = $target =~ /^\[?(.*?)\]?:(\d+)$/;
    my $started = time;
    my $outcome = $ways{$how}->($host, $port, $target, $limit);
    printf qq({"target":"%s","outcome":"%s","ms":%d}\n), $target, $outcome, (time - $started) * 1000;
}
