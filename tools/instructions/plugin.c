/*
 * A plugin of QEMU (its TCG plugin interface, version 1, of QEMU 7): counts the
 * guest's instructions, all of them and those of routines whose names begin
 * with one of the prefixes given as arguments, and writes the counts at the end.
 *
 *   qemu-aarch64 -plugin ./plugin.so,gemm=likeness/engine/kernel.gemmTile PROGRAM
 *
 * The declarations are those this program needs of qemu-plugin.h, which Debian
 * does not ship.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int op, void *counter, uint64_t n);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int op, void *counter, uint64_t n);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *);
extern void qemu_plugin_outs(const char *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { ADD = 0, MOST = 16 };

static uint64_t all, counts[MOST];
static char names[MOST][64], prefixes[MOST][192];
static int parts;

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD, &all, n);
    for (size_t i = 0; i < n && parts > 0; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        const char *symbol = qemu_plugin_insn_symbol(insn);
        for (int p = 0; symbol && p < parts; p++)
            if (strncmp(symbol, prefixes[p], strlen(prefixes[p])) == 0)
                qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD, &counts[p], 1);
    }
}

static void ended(plugin_id id, void *data)
{
    char line[128];
    snprintf(line, sizeof line, "instructions all %" PRIu64 "\n", all);
    qemu_plugin_outs(line);
    for (int p = 0; p < parts; p++) {
        snprintf(line, sizeof line, "instructions %s %" PRIu64 "\n", names[p], counts[p]);
        qemu_plugin_outs(line);
    }
}

__attribute__((visibility("default")))
int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv)
{
    for (int i = 0; i < argc && parts < MOST; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals)
            return -1;
        snprintf(names[parts], sizeof names[parts], "%.*s", (int)(equals - argv[i]), argv[i]);
        snprintf(prefixes[parts], sizeof prefixes[parts], "%s", equals + 1);
        parts++;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
