/**
 * What the agent runs, in Perl without modules: it is on nearly every Linux, starts in 2 ms and forks cheaply.
 * Arguments: the mark of all that it starts, and the number of setsid, which Perl itself cannot call.
 *
 * A spare child is always there: it waits for the next job on stdin, writes into the file of descriptor 3 that from now
 * on it must be taken for started, and becomes the program. Its pipes and its process descriptor were made before by
 * the agent, which tells what comes of it in frames on stdout. Everything above 2 is closed on exec, the spare's copy of
 * that stdout too: when it has ended, no spare is left. A spare that finds the end of stdin means that the owner is
 * gone, and then all that carries the mark ends.
 */
export const agentScript = String.raw`
use strict;
my ($mark, $setsid) = @ARGV;
$0 = 'process agent';
$SIG{PIPE} = sub { };
my ($owner, $agent) = (getppid, $$);
my ($spare, %runs);
open my $started, '>>&=', 3 or exit 1;
fcntl $started, 2, 1;
open my $alive, '>&', \*STDOUT or exit 1;
-r "/proc/$owner/fd" && prepare() or exit 1;
tell_owner('ready', 0);
for (;;) {
  my $limit = !$spare ? 0.1 : (grep { $_->{ended} } values %runs) ? 0.005 : undef;
  my $ready = '';
  vec($ready, fileno $_, 1) = 1 for map { values %{$_->{from}} } values %runs;
  my ($count, $left) = select $ready, undef, undef, $limit;
  next if $count < 0;
  for my $run (values %runs) {
    $_ -= $limit - $left for $run->{ended} ? @$run{'quiet', 'patience'} : ();
    # First whose run it is.
    for my $name (grep { $run->{from}{$_} } 'note', 'exit', 'outpt', 'error') {
      take_from($run, $name) if vec $ready, fileno $run->{from}{$name}, 1;
    }
    finish($run) if $run->{ended} && !$run->{from}{note}
      && (!%{$run->{from}} || $run->{quiet} <= 0 || $run->{patience} <= 0);
  }
  $spare or prepare();
}

sub tell_owner {
  my ($kind, $id, $data) = @_;
  my $frame = pack 'A5NN/a*', $kind, $id, defined $data ? $data : '';
  for (my $at = 0; $at < length $frame;) {
    $at += syswrite(STDOUT, $frame, length($frame) - $at, $at) || return;
  }
}

sub take_from {
  my ($run, $name) = @_;
  if ($name eq 'exit') {
    delete $run->{from}{exit};
    @$run{'ended', 'quiet', 'patience'} = (1, 0.005, 0.1);
  } elsif (sysread $run->{from}{$name}, my $data, 65536) {
    return take_note($run, $data) if $name eq 'note';
    $run->{quiet} = 0.005;
    tell_owner($name, $run->{id}, $data);
  } else {
    delete $run->{from}{$name};
    return if $name ne 'note' || $run->{failed};
    defined $run->{id} or end_all();
    tell_owner('begun', $run->{id}, pack 'N', $run->{pid});
  }
}

sub take_note {
  my ($run, $data) = @_;
  for my $note (unpack '(a8)*', $data) {
    exit if $note eq 'farewell';
    undef $spare if !defined $run->{id};
    if ($note eq 'failed  ') { $run->{failed} = 1 } else { $run->{id} = hex $note }
  }
}

sub finish {
  my ($run) = @_;
  waitpid $run->{pid}, 0;
  tell_owner($run->{failed} ? 'never' : 'ended', $run->{id} || 0, pack 'N', $?);
  delete $runs{$run->{pid}};
}

sub end_all {
  kill KILL => map { -$_->{pid} } values %runs;
  # What is becoming another program has no environment for a moment.
  for (my ($looks, $calm) = (0, 0); $looks < 400 && $calm < 3; $looks++) {
    opendir my $list, '/proc' or exit;
    my @left = grep { /^\d/ && is_marked($_) } readdir $list;
    $calm = @left ? 0 : $calm + 1;
    kill KILL => @left;
    select undef, undef, undef, 0.005;
  }
  exit;
}

sub is_marked {
  open my $file, '<', "/proc/$_[0]/environ" or return;
  local $/;
  my $text = <$file>;
  defined $text && index($text, $mark) >= 0;
}

sub prepare {
  pipe my $out, my $to_out or return;
  pipe my $err, my $to_err or return;
  pipe my $note, my $to_note or return;
  my $pid = fork;
  defined $pid or return;
  $pid or become($to_out, $to_err, $to_note);
  my $fd = syscall 434, $pid, 0;
  my $exit;
  if ($fd < 0 || !open $exit, '<&=', $fd) {
    kill KILL => $pid;
    waitpid $pid, 0;
    return;
  }
  $spare = $runs{$pid} = {
    pid => $pid, from => { exit => $exit, note => $note, outpt => $out, error => $err },
  };
}

sub read_exactly {
  my ($size, $bytes) = (@_, '');
  while (length $bytes < $size) {
    sysread STDIN, $bytes, $size - length $bytes, length $bytes or exit;
  }
  $bytes;
}

sub become {
  my ($out, $err, $note) = @_;
  close $_ for map { values %{$_->{from}} } values %runs;
  syscall $setsid;
  open(STDOUT, '>&', $out) && open(STDERR, '>&', $err) or fail($note);
  my $size = unpack 'N', read_exactly(4);
  if (!$size) { syswrite $note, 'farewell'; exit }
  my ($id, $stdin, $cwd, $file, $count, @words) = split /\0/, read_exactly($size), -1;
  getppid == $agent or exit;
  syswrite $note, sprintf '%08x', $id;
  my @args = splice @words, 0, $count;
  if (open(STDIN, '<', "/proc/$owner/fd/$stdin") && chdir $cwd) {
    %ENV = map { split /=/, $_, 2 } @words;
    syswrite $started, pack 'NN', $id, $$;
    exec { $file } @args;
  }
  fail($note);
}

sub fail {
  syswrite $_[0], 'failed  ';
  exit;
}
`
