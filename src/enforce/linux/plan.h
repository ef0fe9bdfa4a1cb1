#ifndef ENFORCE_LINUX_PLAN_H
#define ENFORCE_LINUX_PLAN_H

#include <stdatomic.h>
#include <stdint.h>

#include "enforce/enforce.h"
#include "enforce/linux/abi.h"
#include "policy/trie.h"

/* What Linux offers, and the plan as data: it can be printed and tested without a kernel. */

struct host {
	int landlock_abi;  /* 0: none */
	bool lacks_ports;  /* whatever the ABI */
	bool has_listener; /* a sandbox around this one has the only broker there can be */
};

struct path_grant {
	const char *path;
	size_t length;   /* of the path */
	uint64_t rights; /* enum landlock_fs */
	bool is_directory;
	bool exact;    /* for the path alone, not for what is below */
	bool has_both; /* see restrict_devices */
	int fd;        /* O_PATH, or -1: to be opened again; both kinds have it in common */
	int error;     /* why there is nothing to grant */
	struct path_grant *next, *next_in_bucket;
};

enum { GRANT_BUCKETS = 256 };

/* The Landlock rights that stand for an operation on files. */
struct file_right {
	enum operation operation;
	uint64_t rights;
	/* The rights act on a file below the granted directory, never on the directory's own node.
	 */
	bool of_parent;
};

enum { FILE_RIGHTS = 7 };
extern const struct file_right file_rights[FILE_RIGHTS];

/* What the operations that some special files are objects of say about them: see plan_ruling. */
enum ruling { RULING_NONE = 0, RULING_DENY, RULING_ALLOW };
enum { CONSTRAINTS = 10 };

/* Which calls of open(2) the broker answers; those with O_PATH only for checks_existence. */
enum opens { OPENS_DIRECT = 0, OPENS_WRITING, OPENS_ALL };

struct port_grant {
	unsigned port;
	uint64_t rights; /* enum landlock_net */
	struct port_grant *next;
};

/* What the seccomp program answers to a system call. Those below VERDICT_IOCTL need no argument. */
enum verdict {
	VERDICT_ALLOW = 0,
	VERDICT_EPERM,
	VERDICT_ENOSYS,
	VERDICT_BROKER,     /* the broker answers */
	VERDICT_RIGHTS,     /* the broker hears of it: see plan_rights */
	VERDICT_IOCTL,      /* no typing into terminals; flags of files as the plan says */
	VERDICT_SOCKET,     /* only the socket classes of the plan */
	VERDICT_SOCKETPAIR, /* no datagram pairs: they can send to any address */
	VERDICT_CLONE,      /* threads only */
	VERDICT_OPEN,       /* flags in argument 1, mode in 2: see may_set_id, may_truncate */
	VERDICT_OPENAT,     /* flags in argument 2, mode in 3 */
	VERDICT_MODE1,      /* mode in argument 1 */
	VERDICT_MODE2,      /* mode in argument 2 */
	VERDICT_PRLIMIT,    /* own limits, or reading those of others */
	VERDICT_MEMFD,      /* only files in memory that can never be executed */
	VERDICT_NO_TFO2,    /* no MSG_FASTOPEN in argument 2 */
	VERDICT_NO_TFO3,    /* no MSG_FASTOPEN in argument 3 */
	VERDICT_SENDTO,     /* without an address; with one, the broker answers */
	VERDICT_SETSOCKOPT, /* nothing that sends packets elsewhere than where they say */
	VERDICT_PRCTL,      /* the broker hears of options that take capabilities away */
	VERDICT_NEW_VIEW,   /* the broker hears of new user, mount and process namespaces */
	VERDICT_FCNTL,      /* the broker answers who gets the signals of a descriptor */
	VERDICT_COUNT,
};

/* Bits of plan->sockets: what socket(2) may make when plan->holds_sockets. */
enum socket_class {
	SOCKETS_TCP = 1,
	SOCKETS_UDP = 2,
	SOCKETS_UNIX = 4,
	SOCKETS_UNIX_STREAM = 8, /* connected by the broker: no datagrams */
	SOCKETS_NETLINK_ROUTE = 16,
};

enum { SIGNAL_LAST = 64 };

struct trie_use {
	enum operation operation;
	const struct trie_node *root;
	struct trie_use *next;
};

/* An operation that is denied for some files: their names must not be changed to get it allowed. */
struct moved_operation {
	enum operation operation;
	const struct trie_node *root;
};

enum { MOVED_MAX = 16 };

struct plan {
	struct index index;
	struct trie_use *tries;
	struct arena *arena;
	const struct policy *policy;
	const struct host *host;
	struct gap *gaps, **gaps_end;
	struct limit *limits, **limits_end;

	uint64_t handled_fs, handled_net, scoped;
	uint64_t brokered_fs; /* enum landlock_fs: too coarse there, so the broker decides */
	uint8_t rulings[CONSTRAINTS]; /* enum ruling */
	uint8_t opens;                /* enum opens */
	bool brokers_network;         /* connects or binds */
	bool checks_processes;        /* what /proc shows of them */
	struct moved_operation moved[MOVED_MAX];
	size_t moved_count;
	struct path_grant *grants, *grants_by_path[GRANT_BUCKETS];
	struct port_grant *ports;

	uint8_t verdicts[NR_LAST_KNOWN + 1]; /* enum verdict by system call number */
	bool holds_sockets, has_broker;
	bool listens_as_bound; /* unix sockets: who could bind one may listen on it */
	unsigned sockets;      /* enum socket_class */
	uint8_t setting_flags; /* enum verdict: ioctl FS_IOC_SETFLAGS and its like */
	bool may_set_id;       /* modes with setuid or setgid */
	bool may_truncate;     /* by open(2) without write access */
	bool checks_metadata;  /* reading it is denied for some files: of symlinks on the way too */
	bool checks_existence; /* it must not be known of some files whether they are there */
	struct signal_plan *signals; /* NULL: no work for the broker */
};

/* The parts of plan_make, in this order. */
void plan_modifiers(struct plan *plan);
void plan_calls(struct plan *plan);
void plan_process_info(struct plan *plan);
void plan_existence(struct plan *plan);
void plan_network(struct plan *plan);
void plan_processes(struct plan *plan);
void plan_files(struct plan *plan, const char *command);
void plan_rights(struct plan *plan);
void plan_arguments(struct plan *plan);

/* Parts of plan_files. */
void plan_constraints(struct plan *plan);
void plan_brokered_files(struct plan *plan);

/* What is granted for the path; NULL when it is not there, or leads through a symlink. */
struct path_grant *plan_add_grant(struct plan *plan, const char *path, bool exact);
struct path_grant *plan_find_grant(struct plan *plan, const char *path, size_t length, bool exact);

/* Opens what is granted, in the process that it is for. -1 when it has gone. */
int plan_open_grant(const struct plan *plan, const struct path_grant *grant);

/* What all grants of the path and of the directories above it come to. */
uint64_t plan_rights_at(struct plan *plan, const char *path);

/*
 * Shared memory, kernel settings and terminals are objects of operations of their own: what these
 * say about an operation on the file, if they speak of it at all. RULING_ALLOW holds unless a rule
 * on files denies it by name.
 */
enum ruling plan_ruling(const struct plan *plan, enum operation operation, const char *path);

/* True when rules ask for more than the broker knows of a file. */
bool plan_is_beyond_broker(const struct plan *plan, enum operation operation);

/* The broker answers the call, unless it is refused. Numbers below 0 are no calls. */
void plan_broker(struct plan *plan, long number);

/* It answers all calls that take a path and look at a file, or change it, unless they are refused.
 */
void plan_broker_lookups(struct plan *plan);

/* The rule to name is the filtered one of the two outcomes: it asks for what cannot be done. */
void plan_add_gap(struct plan *plan, enum operation operation, const struct outcomes *outcomes,
	const char *reason);
/* The rule (or NULL) is the one that grants more than it can get. */
void plan_add_limit(struct plan *plan, const struct rule *rule, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sets the verdict unless the call has a stricter one: a refusal stands. */
void plan_refuse(struct plan *plan, long number, enum verdict verdict);

/* The policy's answers to one operation, whatever the object. */
struct outcomes plan_ask(struct plan *plan, enum operation operation);

/* What the broker knows about signals before it is asked. */
struct signal_plan {
	bool is_free[SIGNAL_LAST + 1]; /* to everybody, of those whom Landlock leaves */
	atomic_bool has_inner_scope;   /* a process keeps signals in by Landlock, for itself */
};

/* The number by which rules know a signal: that of macOS. */
long plan_signal_number(int number);

/* True when the broker tells the operation's objects apart. */
bool plan_is_brokered(const struct plan *plan, enum operation operation);

/* The regions of a file operation; operations that decide alike share them. */
const struct trie_node *plan_regions(struct plan *plan, enum operation operation);

/* Applying: each dies when it fails. */
void landlock_guard_others(const struct plan *plan); /* for a broker that opens files */
void landlock_apply(const struct plan *plan);
int seccomp_apply(const struct plan *plan); /* the listener when the plan has a broker, else -1 */

/* Number of instructions of the seccomp program. */
unsigned seccomp_length(const struct plan *plan);

/* The grant's O_PATH descriptor, or -1 when the path is missing or leads through a symlink. */
int plan_open(const char *path);

#endif
