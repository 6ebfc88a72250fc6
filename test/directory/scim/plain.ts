/** Users and groups of an identity provider as plain rules say: what SCIM is compared with. */

export interface PlainUser {
  userName: string
  email: string | undefined
  title: string | undefined
  externalId: string | undefined
  active: boolean
}

export interface PlainGroup {
  displayName: string
  /** Ids of users and of groups. */
  members: Set<string>
  /** Whether the product's group has its members. */
  readonly isMapped: boolean
}

export class PlainWorld {
  readonly users = new Map<string, PlainUser>()
  readonly groups = new Map<string, PlainGroup>()

  /** Whether a name or an address is somebody else's. @param id - who wants it; undefined: somebody new */
  isTaken(id: string | undefined, { userName, email }: Pick<PlainUser, 'userName' | 'email'>): boolean {
    return [...this.users].some(
      ([other, user]) =>
        other !== id &&
        (user.userName.toLowerCase() === userName.toLowerCase() ||
          (email !== undefined && user.email?.toLowerCase() === email.toLowerCase())),
    )
  }

  isNameTaken(id: string | undefined, displayName: string): boolean {
    return [...this.groups].some(
      ([other, group]) => other !== id && group.displayName.toLowerCase() === displayName.toLowerCase(),
    )
  }

  forget(id: string): void {
    this.users.delete(id)
    this.groups.delete(id)
    for (const { members } of this.groups.values()) members.delete(id)
  }

  /** Whether a user is in a group, through whichever groups are in it. */
  isIn(user: string, group: string, seen: ReadonlySet<string> = new Set()): boolean {
    if (this.users.get(user)?.active !== true || seen.has(group)) return false
    const members = this.groups.get(group)?.members ?? new Set()
    if (members.has(user)) return true
    return [...members].some((each) => this.isIn(user, each, new Set([...seen, group])))
  }

  isInProduct(user: string): boolean {
    return [...this.groups].some(([id, { isMapped }]) => isMapped && this.isIn(user, id))
  }
}
