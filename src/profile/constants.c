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

/* Routines of the kernel; the numbers are our own, and only tell them apart. */
static const struct constants routines[] = {
	{"", "1 _mach_make_memory_entry act_get_state_to_user clock_get_time"
	     " clock_get_attributes host_create_mach_voucher"
	     " host_get_atm_diagnostic_flag host_get_clock_service host_get_io_main"
	     " host_get_io_master host_get_multiuser_config_flags"
	     " host_get_special_port host_info host_kernel_version host_page_size"
	     " host_processor_info host_request_notification"
	     " host_security_set_task_token host_set_special_port host_statistics"
	     " host_statistics64 host_virtual_physical_table_info"
	     " io_catalog_get_gen_count io_catalog_send_data io_connect_add_client"
	     " io_connect_async_method io_connect_get_notification_semaphore"
	     " io_connect_get_service io_connect_map_memory_into_task"
	     " io_connect_method io_connect_method_var_output"
	     " io_connect_set_notification_port io_connect_set_notification_port_64"
	     " io_connect_set_properties io_connect_unmap_memory_from_task"
	     " io_iterator_is_valid io_iterator_next io_iterator_reset"
	     " io_object_conforms_to io_object_get_bundle_identifier"
	     " io_object_get_class io_object_get_superclass"
	     " io_registry_create_iterator io_registry_entry_create_iterator"
	     " io_registry_entry_from_path io_registry_entry_from_path_ool"
	     " io_registry_entry_get_child_iterator"
	     " io_registry_entry_get_location_in_plane io_registry_entry_get_name"
	     " io_registry_entry_get_name_in_plane"
	     " io_registry_entry_get_parent_iterator io_registry_entry_get_path"
	     " io_registry_entry_get_path_ool io_registry_entry_get_properties_bin"
	     " io_registry_entry_get_properties_bin_buf"
	     " io_registry_entry_get_property_bin"
	     " io_registry_entry_get_property_bin_buf"
	     " io_registry_entry_get_property_bytes"
	     " io_registry_entry_get_registry_entry_id io_registry_entry_in_plane"
	     " io_registry_entry_set_properties io_registry_get_root_entry"
	     " io_registry_iterator_enter_entry io_registry_iterator_exit_entry"
	     " io_server_version io_service_add_interest_notification_64"
	     " io_service_add_notification_bin io_service_add_notification_bin_64"
	     " io_service_close io_service_get_authorization_id"
	     " io_service_get_busy_state io_service_get_matching_service_bin"
	     " io_service_get_matching_services_bin io_service_get_state"
	     " io_service_match_property_table_bin io_service_open_extended"
	     " io_service_request_probe io_service_wait_quiet mach_exception_raise"
	     " mach_exception_raise_state mach_exception_raise_state_identity"
	     " mach_make_memory_entry_64 mach_memory_entry_access_tracking"
	     " mach_memory_entry_get_page_counts mach_memory_entry_map_size"
	     " mach_memory_entry_ownership mach_memory_entry_purgable_control"
	     " mach_memory_info mach_port_allocate mach_port_allocate_full"
	     " mach_port_construct mach_port_destruct mach_port_extract_right"
	     " mach_port_get_attributes mach_port_get_context"
	     " mach_port_get_context_from_user mach_port_get_refs"},
	{"", "97 mach_port_get_set_status mach_port_get_srights mach_port_guard"
	     " mach_port_insert_right mach_port_is_connection_for_service"
	     " mach_port_kobject_from_user mach_port_kobject_description_from_user"
	     " mach_port_mod_refs mach_port_names mach_port_request_notification"
	     " mach_port_set_attributes mach_port_set_context mach_port_set_mscount"
	     " mach_port_set_seqno mach_port_space_basic_info mach_port_space_info"
	     " mach_port_swap_guard mach_port_type mach_port_unguard"
	     " mach_vm_behavior_set mach_vm_copy"
	     " mach_vm_deferred_reclamation_buffer_init mach_vm_inherit"
	     " mach_vm_machine_attribute mach_vm_map_external mach_vm_msync"
	     " mach_vm_page_info mach_vm_page_query mach_vm_page_range_query"
	     " mach_vm_protect mach_vm_purgable_control mach_vm_range_create"
	     " mach_vm_read mach_vm_read_overwrite mach_vm_region"
	     " mach_vm_region_recurse mach_vm_remap_external"
	     " mach_vm_remap_new_external mach_vm_wire_external mach_vm_write"
	     " mach_voucher_attr_command mach_voucher_attr_control_from_user"
	     " mach_voucher_deallocate mach_voucher_debug_info"
	     " mach_voucher_extract_all_attr_recipes mach_voucher_extract_attr_content"
	     " mach_voucher_extract_attr_recipe mach_zone_force_gc mach_zone_info"
	     " processor_set_default processor_set_statistics semaphore_create"
	     " semaphore_destroy task_create_identity_token task_create_suid_cred"
	     " task_dyld_process_info_notify_register task_for_pid_from_user"
	     " task_generate_corpse task_get_assignment task_get_dyld_image_infos"
	     " task_get_exc_guard_behavior task_get_exception_ports_from_user"
	     " task_get_mach_voucher task_get_special_port_from_user task_get_state"
	     " task_identity_token_get_task_port task_info_from_user"
	     " task_inspect_from_user task_map_corpse_info task_map_corpse_info_64"
	     " task_policy_get task_policy_set task_purgable_info"
	     " task_register_dyld_image_infos task_restartable_ranges_register"
	     " task_restartable_ranges_synchronize task_resume task_resume2"
	     " task_set_exc_guard_behavior task_set_exception_ports task_set_info"
	     " task_set_mach_voucher task_set_port_space task_set_special_port"
	     " task_set_state task_suspend task_suspend2 task_swap_exception_ports"
	     " task_swap_mach_voucher task_terminate task_threads_from_user"
	     " thread_abort thread_abort_safely thread_adopt_exception_handler"
	     " thread_assign thread_convert_thread_state thread_create"
	     " thread_create_running thread_depress_abort_from_user"
	     " thread_get_assignment thread_get_exception_ports_from_user"
	     " thread_get_mach_voucher thread_get_special_port_from_user"
	     " thread_get_state_to_user thread_info thread_policy thread_policy_get"
	     " thread_policy_set thread_resume thread_sample"
	     " thread_set_exception_ports thread_set_mach_voucher thread_set_policy"
	     " thread_set_special_port thread_set_state_from_user thread_suspend"
	     " thread_swap_exception_ports thread_swap_mach_voucher thread_terminate"
	     " thread_wire vm_allocate_cpm vm_copy vm_inherit vm_map_exec_lockdown"
	     " vm_map_external vm_msync vm_page_info vm_purgable_control"
	     " vm_read_overwrite vm_region_64 vm_region_recurse_64 vm_remap_external"},
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

static bool find_in(const struct constants *constants, const char *name, long *value)
{
	struct walk walk = {.rest = constants->list};

	if (!strstr(constants->list, name))
		return false;
	for (; next_name(&walk); walk.value++) {
		if (strncmp(walk.name, name, walk.length) == 0 && !name[walk.length]) {
			*value = walk.value;
			return true;
		}
	}
	return false;
}

bool sbpl_number(const char *name, long *value)
{
	for (size_t i = 0; i < COUNT(groups); i++) {
		if (text_starts_with(name, groups[i].prefix) &&
			find_in(&groups[i], name + strlen(groups[i].prefix), value))
			return true;
	}
	/* No other name without prefix has an underscore. */
	for (size_t i = 0; i < COUNT(routines) && strchr(name, '_'); i++) {
		if (find_in(&routines[i], name, value))
			return true;
	}
	return false;
}

struct cell *sbpl_constant(struct scheme *scheme, const char *name)
{
	long value;

	for (size_t i = 0; i < COUNT(protocols); i++) {
		if (text_is(protocols[i].name, name))
			return scheme_foreign(scheme, &sbpl_protocol_type, &protocols[i].protocol);
	}
	return sbpl_number(name, &value) ? scheme_integer(scheme, value) : NULL;
}

static void try_list(
	struct arena *arena, struct nearest *nearest, const struct constants *constants)
{
	struct walk walk = {.rest = constants->list};

	for (; next_name(&walk); walk.value++)
		nearest_try(nearest, text_format(arena, "%s%.*s", constants->prefix,
					     (int)walk.length, walk.name));
}

void sbpl_constants_near(struct arena *arena, struct nearest *nearest)
{
	for (size_t i = 0; i < COUNT(groups); i++)
		try_list(arena, nearest, &groups[i]);
	for (size_t i = 0; i < COUNT(routines); i++)
		try_list(arena, nearest, &routines[i]);
	for (size_t i = 0; i < COUNT(protocols); i++)
		nearest_try(nearest, protocols[i].name);
}
