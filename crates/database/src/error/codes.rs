//! What the codes of each database mean to whoever sent the statement.
//!
//! Sources: PostgreSQL documentation, Appendix A; MySQL 8.4 Error Reference and MariaDB "Error Codes";
//! sqlite.org/rescode.html. A code that is in no table is a fault of the statement.

use Meaning::{Contention, NoConnection, ReadOnly, StalePlan, TimedOut, Unready};

use crate::Dialect;

/// What an error code means for the call and for its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The statement is wrong, or refers to something that does not exist.
    Statement,
    /// Another transaction was in the way: running the whole transaction again is right.
    Contention,
    /// The server ended the statement because it took too long. The connection is well.
    TimedOut,
    /// The server cannot serve now: it is stopping, starting, damaged, or short of memory or disk. The connection is
    /// closed, because the next one may lead to a server that can.
    Unready,
    /// The server takes no writes, as after a fail-over. All connections that exist are replaced: the address may lead
    /// to another server by now.
    ReadOnly,
    /// The server gives no further connection. Those that exist are well.
    NoConnection,
    /// The prepared statement is no longer valid; nothing was executed. It is prepared anew.
    StalePlan,
}

/// What an error code means.
pub(crate) fn meaning(dialect: Dialect, code: &str) -> Meaning {
    match dialect {
        Dialect::Postgres => of_sqlstate(code),
        Dialect::MySql => code.parse().map_or(Meaning::Statement, of_mysql_number),
        Dialect::Sqlite => code.parse().map_or(Meaning::Statement, of_sqlite_code),
    }
}

/// PostgreSQL, by SQLSTATE or its class (the first two characters). A longer entry comes before its class.
const POSTGRES: &[(&str, Meaning)] = &[
    ("08", Unready),         // connection_exception
    ("25006", ReadOnly),     // read_only_sql_transaction
    ("25P03", Unready),      // idle_in_transaction_session_timeout
    ("26000", StalePlan),    // invalid_sql_statement_name: a pooler gave the session to somebody else
    ("40003", Unready),      // statement_completion_unknown
    ("40", Contention),      // transaction_rollback: serialization_failure, deadlock_detected
    ("53300", NoConnection), // too_many_connections: of the server, the database or the role
    ("53", Unready),         // insufficient_resources: disk_full, out_of_memory
    ("55P03", Contention),   // lock_not_available
    ("57014", TimedOut),     // query_canceled, which statement_timeout ends with
    ("57", Unready),         // operator_intervention: admin_shutdown, crash_shutdown, cannot_connect_now
    ("58", Unready),         // system_error: io_error, undefined_file
    ("XX", Unready),         // internal_error, data_corrupted, index_corrupted
];

/// MySQL and MariaDB, by error number. The numbers below 120 are of the file system and of memory (mysys).
const MYSQL: &[(u32, u32, Meaning)] = &[
    (1, 119, Unready),          // EE_*: EE_WRITE (3), EE_OUTOFMEMORY (5), EE_DISK_FULL (20)
    (1016, 1017, Unready),      // ER_CANT_OPEN_FILE, ER_FILE_NOT_FOUND
    (1020, 1020, Contention),   // ER_CHECKREAD: the record has changed since it was read
    (1021, 1021, Unready),      // ER_DISK_FULL
    (1023, 1024, Unready),      // ER_ERROR_ON_CLOSE, ER_ERROR_ON_READ
    (1026, 1026, Unready),      // ER_ERROR_ON_WRITE
    (1030, 1030, Unready),      // ER_GET_ERRNO: the storage engine failed
    (1034, 1035, Unready),      // ER_NOT_KEYFILE, ER_OLD_KEYFILE: a damaged index
    (1036, 1036, ReadOnly),     // ER_OPEN_AS_READONLY
    (1037, 1038, Unready),      // ER_OUTOFMEMORY, ER_OUT_OF_SORTMEMORY
    (1040, 1040, NoConnection), // ER_CON_COUNT_ERROR: too many connections
    (1041, 1043, Unready),      // ER_OUT_OF_RESOURCES, ER_BAD_HOST_ERROR, ER_HANDSHAKE_ERROR
    (1047, 1047, Unready),      // ER_UNKNOWN_COM_ERROR: a Galera node that is not in sync
    (1053, 1053, Unready),      // ER_SERVER_SHUTDOWN
    (1077, 1080, Unready),      // ER_NORMAL_SHUTDOWN … ER_FORCING_CLOSE
    (1114, 1114, Unready),      // ER_RECORD_FILE_FULL: the table is full
    (1129, 1129, Unready),      // ER_HOST_IS_BLOCKED: too many broken connections from here
    (1135, 1135, NoConnection), // ER_CANT_CREATE_THREAD
    (1152, 1152, Unready),      // ER_ABORTING_CONNECTION
    (1156, 1161, Unready),      // ER_NET_*: packets that were lost, cut or late
    (1180, 1181, Unready),      // ER_ERROR_DURING_COMMIT, ER_ERROR_DURING_ROLLBACK
    (1184, 1184, Unready),      // ER_NEW_ABORTING_CONNECTION
    (1194, 1195, Unready),      // ER_CRASHED_ON_USAGE, ER_CRASHED_ON_REPAIR: a damaged table
    (1203, 1203, NoConnection), // ER_TOO_MANY_USER_CONNECTIONS
    (1205, 1205, Contention),   // ER_LOCK_WAIT_TIMEOUT
    (1206, 1206, Unready),      // ER_LOCK_TABLE_FULL
    (1213, 1213, Contention),   // ER_LOCK_DEADLOCK
    (1226, 1226, NoConnection), // ER_USER_LIMIT_REACHED: max_user_connections and its siblings
    (1243, 1243, StalePlan),    // ER_UNKNOWN_STMT_HANDLER
    (1297, 1297, Contention),   // ER_GET_TEMPORARY_ERRMSG
    (1317, 1317, TimedOut),     // ER_QUERY_INTERRUPTED
    (1412, 1412, Contention),   // ER_TABLE_DEF_CHANGED: "please retry transaction"
    (1461, 1461, Unready),      // ER_MAX_PREPARED_STMT_COUNT_REACHED: closing the connection frees its own
    (1615, 1615, StalePlan),    // ER_NEED_REPREPARE
    (1689, 1689, Contention),   // ER_LOCK_ABORTED
    (1712, 1712, Unready),      // ER_INDEX_CORRUPT
    (1792, 1792, ReadOnly),     // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
    (1815, 1815, Unready),      // ER_INTERNAL_ERROR
    (1836, 1836, ReadOnly),     // ER_READ_ONLY_MODE
    (1874, 1874, ReadOnly),     // ER_INNODB_READ_ONLY
    (1877, 1877, Unready),      // ER_TABLE_CORRUPT
    (1927, 1927, Unready),      // ER_CONNECTION_KILLED (MariaDB)
    (1932, 1932, Unready),      // ER_NO_SUCH_TABLE_IN_ENGINE (MariaDB): its files are gone
    (1969, 1969, TimedOut),     // ER_STATEMENT_TIMEOUT (MariaDB)
    (2002, 2003, Unready),      // CR_CONNECTION_ERROR, CR_CONN_HOST_ERROR: a proxy has lost its server
    (2006, 2006, Unready),      // CR_SERVER_GONE_ERROR: the same
    (2013, 2013, Unready),      // CR_SERVER_LOST: the same
    (3024, 3024, TimedOut),     // ER_QUERY_TIMEOUT
    (3032, 3032, Unready),      // ER_SERVER_OFFLINE_MODE
    (3058, 3058, Contention),   // ER_USER_LOCK_DEADLOCK
    (3100, 3100, Unready),      // ER_RUN_HOOK_ERROR: group replication cannot certify
    (3101, 3101, Contention),   // ER_TRANSACTION_ROLLBACK_DURING_COMMIT: it lost against another node
    (3168, 3170, Unready),      // ER_SERVER_ISNT_AVAILABLE, ER_SESSION_WAS_KILLED, ER_CAPACITY_EXCEEDED
    (3572, 3572, Contention),   // ER_LOCK_NOWAIT
    (4031, 4031, Unready),      // ER_CLIENT_INTERACTION_TIMEOUT
    (9001, 9001, NoConnection), // ProxySQL: no connection to a server within its time
];

/// SQLite, by primary result code, the low byte of an extended one.
const SQLITE: &[(i32, Meaning)] = &[
    (3, Unready),     // SQLITE_PERM
    (5, Contention),  // SQLITE_BUSY
    (6, Contention),  // SQLITE_LOCKED
    (7, Unready),     // SQLITE_NOMEM
    (8, ReadOnly),    // SQLITE_READONLY: the file system or the file, or a file that was moved
    (9, TimedOut),    // SQLITE_INTERRUPT
    (10, Unready),    // SQLITE_IOERR
    (11, Unready),    // SQLITE_CORRUPT
    (13, Unready),    // SQLITE_FULL
    (14, Unready),    // SQLITE_CANTOPEN
    (15, Contention), // SQLITE_PROTOCOL: the race for a lock was lost too often
    (17, StalePlan),  // SQLITE_SCHEMA
    (22, Unready),    // SQLITE_NOLFS: the file system holds no file of this size
    (26, Unready),    // SQLITE_NOTADB
];

fn of_sqlstate(code: &str) -> Meaning {
    let entry = POSTGRES.iter().find(|(prefix, _)| code.starts_with(prefix));
    entry.map_or(Meaning::Statement, |(_, meaning)| *meaning)
}

fn of_mysql_number(number: u32) -> Meaning {
    let entry = MYSQL.iter().find(|(first, last, _)| (*first..=*last).contains(&number));
    entry.map_or(Meaning::Statement, |(_, _, meaning)| *meaning)
}

fn of_sqlite_code(code: i32) -> Meaning {
    let entry = SQLITE.iter().find(|(primary, _)| *primary == code & 0xff);
    entry.map_or(Meaning::Statement, |(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_when_it_cannot_serve_is_no_fault_of_the_statement() {
        let unready = ["58030", "58P01", "XX000", "XX001", "25P03", "57P01", "57P03", "53100", "08006"];
        assert!(unready.iter().all(|code| meaning(Dialect::Postgres, code) == Unready));
        for code in ["3", "1026", "1030", "1047", "1114", "1158", "1161", "1206", "1461", "4031"] {
            assert_eq!(meaning(Dialect::MySql, code), Unready, "{code}");
        }
        for code in ["10", "778", "11", "13", "14", "26"] {
            assert_eq!(meaning(Dialect::Sqlite, code), Unready, "{code}");
        }
    }

    #[test]
    fn a_read_only_server_is_recognised_on_all_three() {
        assert_eq!(meaning(Dialect::Postgres, "25006"), ReadOnly);
        assert!(["1792", "1836"].iter().all(|code| meaning(Dialect::MySql, code) == ReadOnly));
        // SQLITE_READONLY and SQLITE_READONLY_DBMOVED.
        assert!(["8", "1032"].iter().all(|code| meaning(Dialect::Sqlite, code) == ReadOnly));
    }

    #[test]
    fn a_refused_connection_is_told_from_a_lost_server() {
        assert_eq!(meaning(Dialect::Postgres, "53300"), NoConnection);
        for code in ["1040", "1203", "1226"] {
            assert_eq!(meaning(Dialect::MySql, code), NoConnection, "{code}");
        }
    }

    #[test]
    fn an_unknown_code_and_a_wrong_statement_are_the_statements_fault() {
        assert_eq!(meaning(Dialect::Postgres, "42601"), Meaning::Statement);
        assert_eq!(meaning(Dialect::MySql, "1064"), Meaning::Statement);
        assert_eq!(meaning(Dialect::Sqlite, "1"), Meaning::Statement);
        assert_eq!(meaning(Dialect::Sqlite, "unknown"), Meaning::Statement);
    }

    #[test]
    fn each_table_has_an_entry_for_a_code_once() {
        let mut last = 0;
        for (first, until, _) in MYSQL {
            assert!(last < *first && first <= until, "{first} is out of order");
            last = *until;
        }
        assert!(SQLITE.is_sorted_by(|one, next| one.0 < next.0));
        for (place, (prefix, _)) in POSTGRES.iter().enumerate() {
            let hidden = POSTGRES[..place].iter().any(|(earlier, _)| prefix.starts_with(earlier));
            assert!(!hidden, "{prefix} is never reached");
        }
    }
}
