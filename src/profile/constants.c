/*
 * Named values (SBPL.md section 3): macOS numbers, which the Linux back end translates. Each list
 * is words; a number is the value of the next name, and names without one count up.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/sbpl.h"

struct constants {
	const char *prefix, *list;
};

static const struct constants groups[] = {
	/* vnode types; targets; attributes of files, systems and processes, as bits */
	{"", "1 REGULAR-FILE DIRECTORY BLOCK-DEVICE CHARACTER-DEVICE SYMLINK SOCKET FIFO 65535 TTY"
	     " 1 self 2 pgrp 4 children 8 same-sandbox 16 initproc 32 others 64 platform-binary"
	     " 1 sip-protected 2 datavault 4 time-machine-backup 8 time-machine-device"
	     " 16 local-filesystem 32 root-filesystem 64 snapshot 128 removable-media"
	     " 256 disk-image 1 apple-internal 2 sandbox-debug-mode 4 developer-mode"
	     " 1 is-plugin 2 is-installer 4 is-restricted 8 is-initproc 16 is-platform-binary"
	     " 32 is-sandboxed"},
	{"AF_", "0 UNSPEC UNIX 1 LOCAL INET IMPLINK PUP CHAOS NS ISO 7 OSI ECMA DATAKIT CCITT SNA"
		" DECnet DLI LAT HYLINK APPLETALK ROUTE LINK 20 COIP CNT 23 IPX SIP 27 NDRV ISDN"
		" 30 INET6 NATM SYSTEM NETBIOS PPP 36 RESERVED_36 IEEE80211 UTUN 40 VSOCK"},
	{"SOCK_", "1 STREAM DGRAM RAW RDM SEQPACKET"},
	{"IPPROTO_", "0 IP 1 ICMP IGMP 6 TCP 17 UDP 41 IPV6 50 ESP AH 58 ICMPV6 255 RAW"},
	{"SYSPROTO_", "1 EVENT CONTROL"},
	{"SIG", "1 HUP INT QUIT ILL TRAP ABRT 6 IOT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG"
		" STOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2"},
	{"SOL_", "0 LOCAL 0xffff SOCKET"},
	{"SO_", "1 DEBUG ACCEPTCONN 4 REUSEADDR 8 KEEPALIVE 0x10 DONTROUTE 0x20 BROADCAST"
		" 0x40 USELOOPBACK 0x80 LINGER 0x100 OOBINLINE 0x200 REUSEPORT 0x400 TIMESTAMP"
		" 0x800 TIMESTAMP_MONOTONIC 0x2000 DONTTRUNC 0x4000 WANTMORE 0x8000 WANTOOBFLAG"
		" 0x1001 SNDBUF RCVBUF SNDLOWAT RCVLOWAT SNDTIMEO RCVTIMEO ERROR TYPE"
		" 0x1010 LABEL PEERLABEL 0x1020 NREAD NKE NOSIGPIPE NOADDRERR NWRITE REUSESHAREUID"
		" NOTIFYCONFLICT UPCALLCLOSEWAIT 0x1080 LINGER_SEC RESTRICTIONS RANDOMPORT"
		" NP_EXTENSIONS 0x1086 TRAFFIC_CLASS 0x1100 DEFUNCTOK ISDEFUNCT OPPORTUNISTIC FLUSH"
		" RECV_ANYIF TRAFFIC_MGT_BACKGROUND PRIVILEGED_TRAFFIC_CLASS DELEGATED"
		" 0x1112 NUMRCVPKT 0x1116 NET_SERVICE_TYPE 0x1119 NETSVC_MARKING_LEVEL"},
	{"TCP_", "1 NODELAY MAXSEG 4 NOPUSH 8 NOOPT 0x10 KEEPALIVE 0x20 CONNECTIONTIMEOUT"
		 " 0x40 PERSIST_TIMEOUT 0x80 RXT_CONNDROPTIME 0x100 RXT_FINDROP KEEPINTVL KEEPCNT"
		 " SENDMOREACKS ENABLE_ECN FASTOPEN CONNECTION_INFO 0x201 NOTSENT_LOWAT"},
	{"IP_", "1 OPTIONS HDRINCL TOS TTL RECVOPTS RECVRETOPTS RECVDSTADDR RETOPTS MULTICAST_IF"
		" MULTICAST_TTL MULTICAST_LOOP ADD_MEMBERSHIP DROP_MEMBERSHIP MULTICAST_VIF"
		" RSVP_ON RSVP_OFF RSVP_VIF_ON RSVP_VIF_OFF PORTRANGE RECVIF IPSEC_POLICY FAITH"
		" STRIPHDR RECVTTL BOUND_IF PKTINFO RECVTOS DONTFRAG"},
	{"IPV6_", "4 UNICAST_HOPS 9 MULTICAST_IF MULTICAST_HOPS MULTICAST_LOOP JOIN_GROUP"
		  " LEAVE_GROUP PORTRANGE 26 CHECKSUM V6ONLY 27 BINDV6ONLY IPSEC_POLICY FAITH"
		  " 35 RECVTCLASS TCLASS 46 PKTINFO HOPLIMIT NEXTHOP HOPOPTS DSTOPTS RTHDR"
		  " 61 RECVPKTINFO DONTFRAG 125 BOUND_IF"},
	{"F_", "0 DUPFD GETFD SETFD GETFL SETFL GETOWN SETOWN GETLK SETLK SETLKW SETLKWTIMEOUT"
	       " 40 FLUSH_DATA CHKCLEAN PREALLOCATE SETSIZE RDADVISE RDAHEAD 48 NOCACHE LOG2PHYS"
	       " GETPATH FULLFSYNC PATHPKG_CHECK FREEZE_FS THAW_FS GLOBAL_NOCACHE 59 ADDSIGS"
	       " 61 ADDFILESIGS NODIRECT GETPROTECTIONCLASS SETPROTECTIONCLASS LOG2PHYS_EXT"
	       " GETLKPID DUPFD_CLOEXEC SETSTATICCONTENT MOVEDATAEXTENTS SETBACKINGSTORE"
	       " GETPATH_MTMINFO GETCODEDIR SETNOSIGPIPE GETNOSIGPIPE TRANSCODEKEY SINGLE_WRITER"
	       " GETPROTECTIONLEVEL FINDSIGS GETDEFAULTPROTLEVEL MAKECOMPRESSED SET_GREEDY_MODE"
	       " SETIOTYPE ADDFILESIGS_FOR_DYLD_SIM RECYCLE BARRIERFSYNC 90 OFD_SETLK OFD_SETLKW"
	       " OFD_GETLK OFD_SETLKWTIMEOUT OFD_GETLKPID SETCONFINED GETCONFINED"
	       " ADDFILESIGS_RETURN CHECK_LV PUNCHHOLE TRIM_ACTIVE_FILE SPECULATIVE_READ"
	       " GETPATH_NOFIRMLINK ADDFILESIGS_INFO ADDFILESUPPL GETSIGSINFO SETLEASE GETLEASE"
	       " ASSERT_BG_ACCESS RELEASE_BG_ACCESS TRANSFEREXTENTS ATTRIBUTION_TAG"},
	/* as (_IO "A" n) gives them */
	{"FSIOC_", "0x4101 SYNC_VOLUME SET_PACKAGE_EXTS WAIT_FOR_SYNC NAMESPACE_HANDLER_GET"
		   " NAMESPACE_HANDLER_UPDATE NAMESPACE_HANDLER_UNBLOCK NAMESPACE_HANDLER_CANCEL"
		   " NAMESPACE_HANDLER_SET_SNAPSHOT_TIME NAMESPACE_ALLOW_DMG_SNAPSHOT_EVENTS"
		   " SET_FSTYPENAME_OVERRIDE 0x4115 FD_ONLY_OPEN_ONCE CAS_BSDFLAGS"},
	{"CSR_ALLOW_", "1 UNTRUSTED_KEXTS 2 UNRESTRICTED_FS 4 TASK_FOR_PID 8 KERNEL_DEBUGGER"
		       " 0x10 APPLE_INTERNAL 0x20 UNRESTRICTED_DTRACE 0x20 DESTRUCTIVE_DTRACE"
		       " 0x40 UNRESTRICTED_NVRAM 0x80 DEVICE_CONFIGURATION 0x100 ANY_RECOVERY_OS"
		       " 0x200 UNAPPROVED_KEXTS 0x400 EXECUTABLE_POLICY_OVERRIDE"
		       " 0x800 UNAUTHENTICATED_ROOT 0x1000 RESEARCH_GUESTS"},
	{"PRIV_",
		"1000 ADJTIME PROC_UUID_POLICY GLOBAL_PROC_INFO SYSTEM_OVERRIDE HW_DEBUG_DATA"
		" SELECTIVE_FORCED_IDLE PROC_TRACE_INSPECT DARKBOOT WORK_INTERVAL"
		" SMB_TIMEMACHINE_CONTROL AUDIO_LATENCY KTRACE_BACKGROUND SETPRIORITY_DARWIN_ROLE"
		" PACKAGE_EXTENSIONS TRIM_ACTIVE_FILE PROC_CPUMON_OVERRIDE"
		" 6000 VM_PRESSURE VM_JETSAM VM_FOOTPRINT_LIMIT 10000 NET_PRIVILEGED_TRAFFIC_CLASS"
		" NET_PRIVILEGED_SOCKET_DELEGATE NET_INTERFACE_CONTROL"
		" NET_PRIVILEGED_NETWORK_STATISTICS NET_PRIVILEGED_NECP_POLICIES"
		" NET_RESTRICTED_AWDL NET_PRIVILEGED_NECP_MATCH NET_QOSMARKING_POLICY_OVERRIDE"
		" NET_RESTRICTED_INTCOPROC NET_PRIVILEGED_MULTIPATH "
		"NET_RESTRICTED_MULTIPATH_EXTENDED"
		" 11000 NETINET_RESERVEDPORT 14000 VFS_OPEN_BY_ID VFS_MOVE_DATA_EXTENTS"
		" VFS_SNAPSHOT VFS_SNAPSHOT_REVERT 14100 APFS_EMBED_DRIVER APFS_FUSION_DEBUG"},
	{"HOST_", "0 SECURITY_PORT PORT PRIV_PORT IO_MASTER_PORT 3 IO_MAIN_PORT"
		  " 8 DYNAMIC_PAGER_PORT AUDIT_CONTROL_PORT USER_NOTIFICATION_PORT AUTOMOUNTD_PORT"
		  " LOCKD_PORT KTRACE_BACKGROUND_PORT SEATBELT_PORT KEXTD_PORT LAUNCHCTL_PORT"
		  " UNFREED_PORT AMFID_PORT GSSD_PORT TELEMETRY_PORT ATM_NOTIFICATION_PORT"
		  " COALITION_PORT SYSDIAGNOSE_PORT XPC_EXCEPTION_PORT CONTAINERD_PORT NODE_PORT"
		  " RESOURCE_NOTIFY_PORT CLOSURED_PORT SYSPOLICYD_PORT FILECOORDINATIOND_PORT"
		  " FAIRPLAYD_PORT IOCOMPRESSIONSTATS_PORT MEMORY_ERROR_PORT MANAGEDAPPDISTD_PORT"
		  " DOUBLEAGENTD_PORT"},
	{"TASK_", "1 KERNEL_PORT HOST_PORT NAME_PORT BOOTSTRAP_PORT INSPECT_PORT READ_PORT"
		  " SEATBELT_PORT GSSD_PORT ACCESS_PORT DEBUG_CONTROL_PORT RESOURCE_NOTIFY_PORT"},
	{"CS_OPS_", "0 STATUS MARKINVALID MARKHARD MARKKILL PIDPATH CDHASH PIDOFFSET"
		    " ENTITLEMENTS_BLOB MARKRESTRICT SET_STATUS BLOB IDENTITY CLEARINSTALLER"
		    " CLEARPLATFORM TEAMID CLEAR_LV DER_ENTITLEMENTS_BLOB VALIDATION_CATEGORY"},
	{"MEMORYSTATUS_CMD_",
		"1 GET_PRIORITY_LIST SET_PRIORITY_PROPERTIES GET_JETSAM_SNAPSHOT"
		" GET_PRESSURE_STATUS SET_JETSAM_HIGH_WATER_MARK SET_JETSAM_TASK_LIMIT"
		" SET_MEMLIMIT_PROPERTIES GET_MEMLIMIT_PROPERTIES PRIVILEGED_LISTENER_ENABLE"
		" PRIVILEGED_LISTENER_DISABLE AGGRESSIVE_JETSAM_LENIENT_MODE_ENABLE"
		" AGGRESSIVE_JETSAM_LENIENT_MODE_DISABLE GET_MEMLIMIT_EXCESS"
		" ELEVATED_INACTIVEJETSAMPRIORITY_ENABLE ELEVATED_INACTIVEJETSAMPRIORITY_DISABLE"
		" SET_PROCESS_IS_MANAGED GET_PROCESS_IS_MANAGED SET_PROCESS_IS_FREEZABLE"
		" GET_PROCESS_IS_FREEZABLE"},
	{"NECP_CLIENT_ACTION_",
		"1 ADD REMOVE COPY_PARAMETERS COPY_RESULT COPY_LIST REQUEST_NEXUS_INSTANCE AGENT"
		" COPY_AGENT COPY_INTERFACE SET_STATISTICS COPY_ROUTE_STATISTICS AGENT_USE"
		" MAP_SYSCTLS UPDATE_CACHE COPY_CLIENT_UPDATE COPY_UPDATED_RESULT ADD_FLOW"
		" REMOVE_FLOW CLAIM SIGN GET_INTERFACE_ADDRESS ACQUIRE_AGENT_TOKEN VALIDATE"},
	{"KAS_INFO_", "0 KERNEL_TEXT_SLIDE_SELECTOR KERNEL_SEGMENT_VMADDR_SELECTOR"},
	{"RB_", "0 AUTOBOOT ASKNAME SINGLE 4 NOSYNC 8 HALT 0x200 UPSDELAY 0x400 QUICK 0x800 PANIC"},
	{"MSC_", "10 _kernelrpc_mach_vm_allocate_trap _kernelrpc_mach_vm_purgable_control_trap"
		 " _kernelrpc_mach_vm_deallocate_trap task_dyld_process_info_notify_get"
		 " _kernelrpc_mach_vm_protect_trap _kernelrpc_mach_vm_map_trap"
		 " _kernelrpc_mach_port_allocate_trap 18 _kernelrpc_mach_port_deallocate_trap"
		 " _kernelrpc_mach_port_mod_refs_trap _kernelrpc_mach_port_move_member_trap"
		 " _kernelrpc_mach_port_insert_right_trap _kernelrpc_mach_port_insert_member_trap"
		 " _kernelrpc_mach_port_extract_member_trap _kernelrpc_mach_port_construct_trap"
		 " _kernelrpc_mach_port_destruct_trap mach_reply_port thread_self_trap"
		 " task_self_trap host_self_trap 31 mach_msg_trap mach_msg_overwrite_trap"
		 " semaphore_signal_trap semaphore_signal_all_trap semaphore_signal_thread_trap"
		 " semaphore_wait_trap semaphore_wait_signal_trap semaphore_timedwait_trap"
		 " semaphore_timedwait_signal_trap _kernelrpc_mach_port_get_attributes_trap"
		 " _kernelrpc_mach_port_guard_trap _kernelrpc_mach_port_unguard_trap"
		 " mach_generate_activity_id task_name_for_pid task_for_pid pid_for_task"
		 " mach_msg2_trap macx_swapon macx_swapoff thread_get_special_reply_port"
		 " macx_triggers macx_backing_store_suspend macx_backing_store_recovery"
		 " 58 pfz_exit swtch_pri swtch thread_switch clock_sleep_trap"
		 " 70 host_create_mach_voucher_trap 72 mach_voucher_extract_attr_recipe_trap"
		 " 76 _kernelrpc_mach_port_type_trap _kernelrpc_mach_port_request_notification_trap"
		 " 89 mach_timebase_info_trap mach_wait_until_trap mk_timer_create_trap"
		 " mk_timer_destroy_trap mk_timer_arm_trap mk_timer_cancel_trap"
		 " mk_timer_arm_leeway_trap debug_control_port_for_pid 100 iokit_user_client_trap"},
	{"SYS_",
		"0 syscall exit fork read write open close wait4 9 link unlink 12 chdir fchdir "
		"mknod"
		" chmod chown 18 getfsstat 20 getpid 23 setuid getuid geteuid ptrace recvmsg"
		" sendmsg recvfrom accept getpeername getsockname access chflags fchflags sync kill"
		" 39 getppid 41 dup pipe getegid 46 sigaction getgid sigprocmask getlogin setlogin"
		" acct sigpending sigaltstack ioctl reboot revoke symlink readlink execve umask"
		" chroot 65 msync vfork 73 munmap mprotect madvise 78 mincore getgroups setgroups"
		" getpgrp setpgid setitimer 85 swapon getitimer 89 getdtablesize dup2 92 fcntl"
		" select 95 fsync setpriority socket connect 100 getpriority 104 bind setsockopt"
		" listen 111 sigsuspend 116 gettimeofday getrusage getsockopt 120 readv writev"
		" settimeofday fchown fchmod 126 setreuid setregid rename 131 flock mkfifo sendto"
		" shutdown socketpair mkdir rmdir utimes futimes adjtime 142 gethostuuid"
		" 147 setsid 151 getpgid setprivexec pread pwrite nfssvc 157 statfs fstatfs unmount"
		" 161 getfh 165 quotactl 167 mount 169 csops csops_audittoken 173 waitid"
		" 177 kdebug_typefilter kdebug_trace_string kdebug_trace64 kdebug_trace setgid"
		" setegid seteuid sigreturn 186 thread_selfcounts fdatasync stat fstat lstat"
		" pathconf fpathconf 194 getrlimit setrlimit getdirentries mmap 199 lseek truncate"
		" ftruncate sysctl mlock munlock undelete 216 open_dprotected_np fsgetpath_ext"
		" 220 getattrlist setattrlist getdirentriesattr exchangedata 225 searchfs delete"
		" copyfile fgetattrlist fsetattrlist poll 234 getxattr fgetxattr setxattr fsetxattr"
		" removexattr fremovexattr listxattr flistxattr fsctl initgroups posix_spawn ffsctl"
		" 247 nfsclnt fhopen 250 minherit semsys msgsys shmsys semctl semget semop"
		" 258 msgctl msgget msgsnd msgrcv shmat shmctl shmdt shmget shm_open shm_unlink"
		" sem_open sem_close sem_unlink sem_wait sem_trywait sem_post sysctlbyname"},
	{"SYS_",
		"277 open_extended umask_extended stat_extended lstat_extended fstat_extended"
		" chmod_extended fchmod_extended access_extended settid gettid setsgroups "
		"getsgroups"
		" setwgroups getwgroups mkfifo_extended mkdir_extended identitysvc"
		" shared_region_check_np 296 vm_pressure_monitor psynch_rw_longrdlock"
		" psynch_rw_yieldwrlock psynch_rw_downgrade psynch_rw_upgrade psynch_mutexwait"
		" psynch_mutexdrop psynch_cvbroad psynch_cvsignal psynch_cvwait psynch_rw_rdlock"
		" psynch_rw_wrlock psynch_rw_unlock psynch_rw_unlock2 getsid settid_with_pid"
		" psynch_cvclrprepost aio_fsync aio_return aio_suspend aio_cancel aio_error "
		"aio_read"
		" aio_write lio_listio 322 iopolicysys process_policy mlockall munlockall"
		" 327 issetugid __pthread_kill __pthread_sigmask __sigwait __disable_threadsignal"
		" __pthread_markcancel __pthread_canceled __semwait_signal 336 proc_info sendfile"
		" stat64 fstat64 lstat64 stat64_extended lstat64_extended fstat64_extended"
		" getdirentries64 statfs64 fstatfs64 getfsstat64 __pthread_chdir __pthread_fchdir"
		" audit auditon 353 getauid setauid 357 getaudit_addr setaudit_addr auditctl"
		" bsdthread_create bsdthread_terminate kqueue kevent lchown 366 bsdthread_register"
		" workq_open workq_kernreturn kevent64 372 thread_selfid ledger kevent_qos "
		"kevent_id"
		" 380 __mac_execve __mac_syscall __mac_get_file __mac_set_file __mac_get_link"
		" __mac_set_link __mac_get_proc __mac_set_proc __mac_get_fd __mac_set_fd"
		" __mac_get_pid 394 pselect pselect_nocancel read_nocancel write_nocancel"
		" open_nocancel close_nocancel wait4_nocancel recvmsg_nocancel sendmsg_nocancel"
		" recvfrom_nocancel accept_nocancel msync_nocancel fcntl_nocancel select_nocancel"
		" fsync_nocancel connect_nocancel sigsuspend_nocancel readv_nocancel "
		"writev_nocancel"
		" sendto_nocancel pread_nocancel pwrite_nocancel waitid_nocancel poll_nocancel"
		" msgsnd_nocancel msgrcv_nocancel sem_wait_nocancel aio_suspend_nocancel"
		" __sigwait_nocancel __semwait_signal_nocancel __mac_mount __mac_get_mount"
		" __mac_getfsstat fsgetpath audit_session_self audit_session_join fileport_makeport"
		" fileport_makefd audit_session_port pid_suspend pid_resume pid_hibernate"
		" pid_shutdown_sockets 438 shared_region_map_and_slide_np kas_info"
		" memorystatus_control guarded_open_np guarded_close_np guarded_kqueue_np"
		" change_fdguard_np usrctl proc_rlimit_control connectx disconnectx peeloff"
		" socket_delegate telemetry proc_uuid_policy memorystatus_get_level system_override"
		" vfs_purge sfi_ctl sfi_pidctl coalition coalition_info necp_match_policy"
		" getattrlistbulk clonefileat openat openat_nocancel renameat faccessat fchmodat"
		" fchownat fstatat fstatat64 linkat unlinkat readlinkat symlinkat mkdirat"
		" getattrlistat proc_trace_log bsdthread_ctl openbyid_np recvmsg_x sendmsg_x"
		" thread_selfusage csrctl guarded_open_dprotected_np guarded_write_np"
		" guarded_pwrite_np guarded_writev_np renameatx_np mremap_encrypted "
		"netagent_trigger"
		" stack_snapshot_with_config microstackshot grab_pgo_data persona"
		" 496 mach_eventlink_signal mach_eventlink_wait_until"
		" mach_eventlink_signal_wait_until work_interval_ctl getentropy necp_open"
		" necp_client_action __nexus_open __nexus_register __nexus_deregister "
		"__nexus_create"
		" __nexus_destroy __nexus_get_opt __nexus_set_opt __channel_open __channel_get_info"
		" __channel_sync __channel_get_opt __channel_set_opt ulock_wait ulock_wake"
		" fclonefileat fs_snapshot register_uexc_handler terminate_with_payload"
		" abort_with_payload necp_session_open necp_session_action setattrlistat"
		" net_qos_guideline fmount ntp_adjtime ntp_gettime os_fault_with_payload"
		" kqueue_workloop_ctl __mach_bridge_remote_time coalition_ledger log_data"
		" memorystatus_available_memory objc_bp_assist_cfg_np"
		" shared_region_map_and_slide_2_np pivot_root task_inspect_for_pid"
		" task_read_for_pid preadv pwritev preadv_nocancel pwritev_nocancel ulock_wait2"
		" proc_info_extended_id tracker_action debug_syscall_reject"
		" debug_syscall_reject_config graftdmg map_with_linking_np freadlink"
		" record_system_event mkfifoat mknodat ungraftdmg coalition_policy_set"
		" coalition_policy_get"},
};

struct protocol_constant {
	const char *name;
	unsigned protocol;
};

static const struct protocol_constant protocols[] = {
	{"ip", PROTOCOL_ANY_IP},
	{"ip4", PROTOCOL_TCP | PROTOCOL_UDP | PROTOCOL_OTHER | PROTOCOL_IP4},
	{"ip6", PROTOCOL_TCP | PROTOCOL_UDP | PROTOCOL_OTHER | PROTOCOL_IP6},
	{"tcp", PROTOCOL_TCP | PROTOCOL_IP4 | PROTOCOL_IP6},
	{"tcp4", PROTOCOL_TCP | PROTOCOL_IP4},
	{"tcp6", PROTOCOL_TCP | PROTOCOL_IP6},
	{"udp", PROTOCOL_UDP | PROTOCOL_IP4 | PROTOCOL_IP6},
	{"udp4", PROTOCOL_UDP | PROTOCOL_IP4},
	{"udp6", PROTOCOL_UDP | PROTOCOL_IP6},
	{"unix-socket", PROTOCOL_UNIX},
	{"unix", PROTOCOL_UNIX},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A walk over the names of a list. */
struct walk {
	const char *rest, *name;
	size_t length;
	long value;
};

/* The next name of a list and its value; false at the end. */
static bool next_name(struct walk *walk)
{
	while (text_split(&walk->rest, " ", &walk->name, &walk->length)) {
		if (walk->name[0] < '0' || walk->name[0] > '9')
			return true;
		walk->value = strtol(walk->name, NULL, 0);
	}
	return false;
}

static struct cell *find_in(
	struct scheme *scheme, const struct constants *constants, const char *name)
{
	struct walk walk = {.rest = constants->list};

	for (; next_name(&walk); walk.value++) {
		if (strncmp(walk.name, name, walk.length) == 0 && !name[walk.length])
			return scheme_integer(scheme, walk.value);
	}
	return NULL;
}

struct cell *sbpl_constant(struct scheme *scheme, const char *name)
{
	struct cell *found = NULL;

	for (size_t i = 0; i < COUNT(groups) && !found; i++) {
		if (text_starts_with(name, groups[i].prefix))
			found = find_in(scheme, &groups[i], name + strlen(groups[i].prefix));
	}
	for (size_t i = 0; i < COUNT(protocols) && !found; i++) {
		if (text_is(protocols[i].name, name))
			found = scheme_foreign(scheme, &sbpl_protocol_type, &protocols[i].protocol);
	}
	return found;
}

void sbpl_constants_near(struct arena *arena, struct nearest *nearest)
{
	for (size_t i = 0; i < COUNT(groups); i++) {
		struct walk walk = {.rest = groups[i].list};

		for (; next_name(&walk); walk.value++)
			nearest_try(nearest, text_format(arena, "%s%.*s", groups[i].prefix,
						     (int)walk.length, walk.name));
	}
	for (size_t i = 0; i < COUNT(protocols); i++)
		nearest_try(nearest, protocols[i].name);
}
