/* SPDX-License-Identifier: Apache-2.0 */
/* File systems of a test's own. Those that lie on a disk lie in a file here, which is mounted through a loop device. */
#include "support/places.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/process.h"
#include "support/registry.h"
#include "support/ring.h"

#define MIB (UINT64_C(1) << 20)
#define LAPS 3
#define TMPFS "use a directory on tmpfs|mount a tmpfs there"

const place_kind_t place_kinds[] = {
    {.name = "tmpfs", .type = "tmpfs", .options = "size=16m"},
    {.name = "tmpfs_full",
     .type = "tmpfs",
     .options = "size=16m",
     .state = PLACE_FULL,
     .refused = SLOTRING_E_NO_SPACE,
     .remedy = "make the ring smaller|free some"},
    {.name = "tmpfs_without_inodes",
     .type = "tmpfs",
     .options = "size=16m,nr_inodes=40",
     .state = PLACE_NO_INODES,
     .refused = SLOTRING_E_NO_SPACE,
     .remedy = "inodes"},
    {.name = "tmpfs_read_only",
     .type = "tmpfs",
     .options = "ro",
     .refused = SLOTRING_E_ACCESS,
     .remedy = "that can be written"},
    {.name = "ramfs", .type = "ramfs", .options = "mode=755", .state = PLACE_ENDLESS},
    {.name = "hugetlbfs",
     .type = "hugetlbfs",
     .options = "mode=755",
     .refused = SLOTRING_E_UNSUPPORTED,
     .remedy = TMPFS},
    {.name = "overlayfs",
     .type = "overlay",
     .options = "",
     .refused = SLOTRING_E_UNSUPPORTED,
     .remedy = TMPFS},
    {.name = "ext2", .type = "ext2", .options = "loop", .image_mib = 24, .mkfs = "mkfs.ext2 -q -F"},
    {.name = "ext4", .type = "ext4", .options = "loop", .image_mib = 32, .mkfs = "mkfs.ext4 -q -F"},
    {.name = "ext4_of_small_blocks",
     .type = "ext4",
     .options = "loop",
     .image_mib = 32,
     .mkfs = "mkfs.ext4 -q -F -b 1024"},
    {.name = "ext4_full",
     .type = "ext4",
     .options = "loop",
     .image_mib = 32,
     .mkfs = "mkfs.ext4 -q -F",
     .state = PLACE_FULL,
     .refused = SLOTRING_E_NO_SPACE,
     .remedy = "make the ring smaller|free some"},
    {.name = "ext4_without_inodes",
     .type = "ext4",
     .options = "loop",
     .image_mib = 32,
     .mkfs = "mkfs.ext4 -q -F -N 64",
     .state = PLACE_NO_INODES,
     .refused = SLOTRING_E_NO_SPACE,
     .remedy = "inodes"},
    {.name = "ext4_read_only",
     .type = "ext4",
     .options = "loop,ro",
     .image_mib = 32,
     .mkfs = "mkfs.ext4 -q -F",
     .refused = SLOTRING_E_ACCESS,
     .remedy = "that can be written"},
    {.name = "xfs", .type = "xfs", .options = "loop", .image_mib = 320, .mkfs = "mkfs.xfs -q -f"},
    {.name = "btrfs",
     .type = "btrfs",
     .options = "loop",
     .image_mib = 160,
     .mkfs = "mkfs.btrfs -q -f",
     .refused = SLOTRING_E_UNSUPPORTED,
     .remedy = TMPFS},
    {.name = "btrfs_full",
     .type = "btrfs",
     .options = "loop",
     .image_mib = 160,
     .mkfs = "mkfs.btrfs -q -f",
     .state = PLACE_FULL,
     .refused = SLOTRING_E_UNSUPPORTED,
     .remedy = TMPFS},
    {.name = NULL},
};

const place_kind_t *place_kind_of(const char *name)
{
    const place_kind_t *kind = place_kinds;
    while (kind->name && strcmp(kind->name, name) != 0)
        kind++;
    return kind->name ? kind : NULL;
}

/* ---- Mounts ------------------------------------------------------------------------------------------- */

static char reason[900];

const char *places_begin(void)
{
    if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
        return NULL;
    (void)snprintf(reason, sizeof reason, "no mount namespace of its own (needs root): %s", strerror(errno));
    return reason;
}

static const char *beside(const char *name)
{
    static char paths[4][600];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, 600, "%s/%s", directory_path(), name);
    return path;
}

const char *place_path(void)
{
    static char path[600];
    if (over_registry())
        return "/dev/shm";
    if (!path[0])
        (void)snprintf(path, sizeof path, "%s", beside("place"));
    return path;
}

static bool is_done(const char *command)
{
    char quiet[3000];
    (void)snprintf(quiet, sizeof quiet, "%s >/dev/null 2>&1 </dev/null", command);
    fflush(NULL);
    return system(quiet) == 0;
}

static bool make_image(const place_kind_t *kind)
{
    char command[1200];
    int file = open(beside("image"), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    CHECK_SYSTEM(file);
    CHECK_SYSTEM(ftruncate(file, (off_t)(kind->image_mib * MIB)));
    close(file);
    (void)snprintf(command, sizeof command, "PATH=$PATH:/usr/sbin:/sbin; %s '%s'", kind->mkfs,
                   beside("image"));
    return is_done(command);
}

static void make_folders(const char *const *names)
{
    for (; *names; names++)
        if (mkdir(beside(*names), 0755) != 0)
            CHECK_EQUAL(errno, EEXIST);
}

static const char *mount_command(const place_kind_t *kind)
{
    static const char *const folders[] = {"lower", "upper", "work", NULL};
    static char command[3000];
    const char *what = kind->image_mib ? beside("image") : "none";
    if (strcmp(kind->type, "overlay") == 0) {
        make_folders(folders);
        (void)snprintf(command, sizeof command,
                       "mount -t overlay -o 'lowerdir=%s,upperdir=%s,workdir=%s' none '%s'", beside("lower"),
                       beside("upper"), beside("work"), place_path());
    } else {
        (void)snprintf(command, sizeof command, "PATH=$PATH:/usr/sbin:/sbin; mount -t %s -o %s '%s' '%s'",
                       kind->type, kind->options, what, place_path());
    }
    return command;
}

const char *place_mount(const place_kind_t *kind)
{
    if (!over_registry() && mkdir(place_path(), 0755) != 0)
        CHECK_EQUAL(errno, EEXIST);
    if (kind->image_mib && !make_image(kind)) {
        (void)snprintf(reason, sizeof reason, "no %s here", kind->mkfs);
        return reason;
    }
    if (!is_done(mount_command(kind))) {
        (void)snprintf(reason, sizeof reason, "no %s can be mounted here", kind->type);
        return reason;
    }
    (void)setenv("SLOTRING_DIR", place_path(), 1);
    return NULL;
}

int place_make_read_only(bool read_only)
{
    unsigned long flags = MS_REMOUNT | (read_only ? MS_RDONLY : 0);
    return mount(NULL, place_path(), NULL, flags, NULL) == 0 ? 0 : errno;
}

void place_unmount(void)
{
    static const char *const parts[] = {"image", "place", "lower", "upper", "work", NULL};
    char command[700];
    if (umount2(place_path(), 0) != 0)
        CHECK_SYSTEM(umount2(place_path(), MNT_DETACH));
    for (const char *const *part = parts; *part; part++) {
        (void)snprintf(command, sizeof command, "rm -rf '%s'", beside(*part));
        CHECK(is_done(command));
    }
    (void)setenv("SLOTRING_DIR", directory_path(), 1);
}

/* ---- Somebody else, who takes it all -------------------------------------------------------------------- */

static const char *other_file(unsigned number)
{
    static char path[700];
    (void)snprintf(path, sizeof path, "%s/other-%u", place_path(), number);
    return path;
}

/* By large pieces first, where the file system can give them away unwritten; to the last byte in the end. */
void place_take_space(void)
{
    static const char block[4096];
    int file = open(other_file(0), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK_SYSTEM(file);
    off_t end = 0;
    for (uint64_t piece = 64 * MIB; piece >= 4096; piece /= 4)
        while (fallocate(file, 0, end, (off_t)piece) == 0)
            end += (off_t)piece;
    CHECK_EQUAL(lseek(file, end, SEEK_SET), end);
    for (size_t piece = sizeof block; piece > 0; piece /= 64)
        while (write(file, block, piece) > 0) {
        }
    (void)syncfs(file); /* what was only reserved is given now, and the rest can be had */
    for (size_t piece = sizeof block; piece > 0; piece /= 64)
        while (write(file, block, piece) > 0) {
        }
    CHECK(errno == ENOSPC || errno == EDQUOT);
    close(file);
}

void place_take_files(void)
{
    for (unsigned number = 0; number < 10000; number++) {
        int file = open(other_file(number), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
        if (file < 0 && errno != EEXIST) {
            CHECK(errno == ENOSPC || errno == EDQUOT);
            return;
        }
        if (file >= 0)
            close(file);
    }
    FAIL("10000 files fit where there should be no room for them");
}

void place_give_back(void)
{
    DIR *listing = opendir(place_path());
    struct dirent *entry;
    char path[900];
    while (listing != NULL && (entry = readdir(listing)) != NULL) {
        (void)snprintf(path, sizeof path, "%s/%s", place_path(), entry->d_name);
        if (strncmp(entry->d_name, "other-", 6) == 0)
            (void)unlink(path);
    }
    if (listing != NULL)
        closedir(listing);
}

void place_write_back(void)
{
    int folder = open(place_path(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK_SYSTEM(folder);
    (void)syncfs(folder); /* of what others wrote, some may be lost for want of space: not the ring's */
    close(folder);
}

/* ---- What a ring does there ------------------------------------------------------------------------------ */

static uint64_t word_of(uint64_t sequence, uint64_t at)
{
    return (sequence + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ at;
}

static void write_slot(slotring_t *ring)
{
    slotring_slot_t slot;
    slotring_stats_t stats = ring_stats(ring);
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    for (uint64_t at = 0; at + 8 <= slot.capacity; at += 8)
        *(uint64_t *)(void *)((char *)slot.data + at) = word_of(stats.published, at);
    CHECK_OK(slotring_mark_ready(ring, &slot, slot.capacity));
    CHECK_EQUAL(slot.sequence, stats.published);
}

static uint64_t read_slot(slotring_t *ring, uint32_t index)
{
    slotring_slot_t slot;
    slotring_ticket_t ticket;
    CHECK_OK(slotring_ticket_at(ring, index, &ticket));
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
    for (uint64_t at = 0; at + 8 <= slot.length; at += 8)
        if (*(const uint64_t *)(const void *)((const char *)slot.data + at) != word_of(slot.sequence, at))
            FAIL("message %llu is not what was written, from byte %llu on", (unsigned long long)slot.sequence,
                 (unsigned long long)at);
    uint64_t read = slot.length;
    CHECK_OK(slotring_release(ring, &slot));
    return read;
}

static uint64_t use(slotring_t *ring, bool fill)
{
    slotring_t *another = ring_attach(ring_name());
    slotring_info_t info = ring_info(ring);
    uint64_t compared = 0;
    for (int lap = 0; lap < LAPS; lap++) {
        for (uint64_t i = 0; i < info.slot_count; i++)
            write_slot(i % 2 ? another : ring);
        if (lap == 0 && fill)
            place_take_space();
        place_write_back();
        for (uint32_t i = 0; i < info.slot_count; i++)
            compared += read_slot(lap % 2 ? another : ring, i);
    }
    memset(info.payload, 0x5a, (size_t)info.payload_size); /* what lies between the slots is there, too */
    place_write_back();
    CHECK_OK(slotring_close(another));
    check_ring_at_rest(ring);
    return compared;
}

/* What the process under trial tells, in this order: code; the sentence, or the bytes compared. */
static void tries(peer_t *test, const char *argument)
{
    unsigned long long slots, size;
    int fill;
    CHECK_EQUAL(sscanf(argument, "%llu %llu %d", &slots, &size, &fill), 3);
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, size);
    slotring_t *ring = NULL;
    slotring_error_t error = {0};
    int code = slotring_open(&ring, ring_name(), &options, &error);
    peer_put(test, &code, sizeof code);
    if (code != 0) {
        peer_put(test, error.text, sizeof error.text);
        return;
    }
    uint64_t compared = use(ring, fill != 0);
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    peer_tell(test, compared);
}

/* One of the remedies, which '|' parts. */
static void check_remedy(const char *text, const char *remedies)
{
    char copy[200], *rest = copy;
    (void)snprintf(copy, sizeof copy, "%s", remedies);
    for (char *one; (one = strsep(&rest, "|")) != NULL;)
        if (strstr(text, one) != NULL)
            return;
    FAIL("\"%s\" has no remedy (%s)", text, remedies);
}

static void check_refusal(const place_kind_t *kind, int code, const char *text)
{
    if (code != kind->refused)
        FAIL("creation gave %s: %s", slotring_error_name(code), text);
    check_remedy(text, kind->remedy);
    if (strstr(text, place_path()) == NULL && strstr(text, "/dev/shm") == NULL)
        FAIL("\"%s\" does not say where", text);
}

bool place_can_be_listed(void)
{
    DIR *listing = opendir(place_path());
    if (listing == NULL)
        return false;
    errno = 0;
    while (readdir(listing) != NULL)
        ;
    int number = errno;
    closedir(listing);
    return number == 0;
}

uint64_t place_try(const place_kind_t *kind, uint64_t slots, uint64_t slot_size)
{
    char argument[80], text[SLOTRING_ERROR_TEXT_SIZE];
    uint64_t compared = 0;
    int code;
    check_context("%s", kind->name);
    if (kind->state == PLACE_FULL)
        place_take_space();
    if (kind->state == PLACE_NO_INODES)
        place_take_files();
    unsigned before = directory_entries(place_path(), NULL, 0);
    (void)snprintf(argument, sizeof argument, "%llu %llu %d", (unsigned long long)slots,
                   (unsigned long long)slot_size, kind->state != PLACE_ENDLESS);
    peer_t peer = peer_fork(tries, argument);
    peer_get(&peer, &code, sizeof code);
    if (code != 0) {
        peer_get(&peer, text, sizeof text);
        check_refusal(kind, code, text);
        CHECK_EQUAL(directory_entries(place_path(), NULL, 0), before);
    } else {
        CHECK_EQUAL(kind->refused, 0);
        compared = peer_hear(&peer);
        CHECK_EQUAL(directory_entries(place_path(), NULL, 0), before + (kind->state == PLACE_EMPTY));
    }
    peer_join(&peer);
    check_context("%s", "");
    return compared;
}
