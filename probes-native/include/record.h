// What user space reads from the ring. Native endian, 8-byte aligned, the same header in every kind of record.
#pragma once
#include <linux/types.h>

// Most payload bytes of one record; a power of two.
#define PAYLOAD_MAX 4096

enum direction { RECV = 0, SEND = 1 };

enum kind {
  DATA = 1,   // bytes were sent or received
  CONT = 2,   // as DATA: further bytes of the same call
  OPEN = 3,   // first sight of a connection, before its first DATA; may be repeated, with the same content
  END = 4,    // a receive found the end of the stream
  CLOSE = 5,  // a TCP socket that had an OPEN is at its end
  // What a TLS library gave or took: as DATA, CONT and END, with numbers and positions of their own. The connection's
  // own records go on beside them.
  TLS_DATA = 6,
  TLS_CONT = 7,
  TLS_END = 8,  // the peer has said that nothing follows
};

struct header {
  __u64 ts;    // nanoseconds, CLOCK_MONOTONIC; of a SEND over TCP the start of the call, where the kernel tells it; of one
               // through a TLS library always
  __u64 conn;  // socket cookie, or a number of our own; unique while the system runs
  __u32 tid;   // thread, in the initial pid namespace; 0 in CLOSE, which may run on any thread
  __u32 len;   // bytes sent or received; of the last record of a call all that the call's records have no payload of
  __u16 cap;   // bytes of payload that follow
  __u8 dir;    // enum direction
  __u8 kind;   // enum kind
  __u32 seq;   // per connection: counts DATA, CONT and END, those lost for want of room included
  __u32 tx;    // position behind the last byte sent: tcp_sock.write_seq, or a counter from the first sight on
  __u32 rx;    // position behind the last byte received: tcp_sock.copied_seq, or a counter; of a record that has a CONT
               // behind it, the position of its direction is the one behind its own bytes
};

_Static_assert(sizeof(struct header) == 40, "the header is part of the contract with user space");

struct record {
  struct header header;
  __u8 payload[PAYLOAD_MAX];
};

struct open_payload {
  __u32 tgid;
  __u16 family;  // AF_UNIX, AF_INET, AF_INET6; an IPv4-mapped IPv6 address is given as AF_INET
  __u16 local_port;
  __u16 remote_port;
  __u16 pad16;
  __u32 pad32;
  __u8 local_addr[16];  // IPv4 in the first 4 bytes
  __u8 remote_addr[16];
  char command[16];  // name of the process as the kernel has it: of one that is gone before anybody looks it is all there is
};

_Static_assert(sizeof(struct open_payload) == 64, "the payload of OPEN is part of the contract with user space");

struct open_record {
  struct header header;
  struct open_payload open;
};

// What the kernel's TCP has counted for the whole life of the connection, also before it was first seen.
struct close_payload {
  __u32 rtt_us;       // smoothed round trip time; 0 = never measured
  __u32 retransmits;  // segments sent again
  __u32 segments_in;
  __u32 segments_out;
  __u64 bytes_in;   // the peer's FIN counts as one
  __u64 bytes_out;  // with those sent again
};

_Static_assert(sizeof(struct close_payload) == 32, "the payload of CLOSE is part of the contract with user space");

struct close_record {
  struct header header;
  struct close_payload close;
};
